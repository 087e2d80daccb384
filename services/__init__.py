"""The five gRPC services; none knows another, the gateway is where they meet."""
