"""The five gRPC services and the code they share; no service imports another, the gateway imports none."""
