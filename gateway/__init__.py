"""The GraphQL gateway, the only place where the services meet; clients call it over HTTP."""
