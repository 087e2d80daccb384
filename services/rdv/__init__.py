"""The rdv service, which implements protos/rdv.proto; callers use gRPC, never this package."""
