"""The two search engines for trainings, which give the same answers; `__main__` and `load` choose one."""
