"""The GraphQL gateway, the only place where the five services meet; clients call it over HTTP."""
