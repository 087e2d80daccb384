"""French text as tokens, and what people type as queries; used by `suggest`, `importing` and the servicer."""
