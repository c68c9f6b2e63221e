//! The router as an HTTP server: negotiation, policies, playground, health.
