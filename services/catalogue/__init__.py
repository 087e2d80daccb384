"""The catalogue service, which implements protos/catalogue.proto; callers use gRPC, never this package."""
