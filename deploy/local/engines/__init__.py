"""The real databases on this machine, without a container; used by the local system, tests and benches."""
