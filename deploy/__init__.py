"""Ways to run the whole system: on one machine (`local`), with a simulated partner (`sandbox`)."""
