"""The contracts between the gateway and the services, with their generated code; every process imports it."""
