"""The fictitious demonstration set, generated from facts; used by `deploy.local.system` and the tests."""
