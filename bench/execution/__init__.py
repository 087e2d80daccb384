"""What completing an answer costs in the gateway, in process."""
