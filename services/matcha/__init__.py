"""The matcha service, which implements protos/matcha.proto; callers use gRPC, never this package."""
