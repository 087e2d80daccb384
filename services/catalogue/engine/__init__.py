"""Where trainings are stored and searched: two engines with the same answers. The start-up chooses one."""
