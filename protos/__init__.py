"""The contracts between the gateway and the services; the code is generated, see CONTRIBUTING."""
