"""The prediction service, which implements protos/prediction.proto; callers use gRPC, never this package."""
