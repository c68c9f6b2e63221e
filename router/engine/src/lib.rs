//! The federation engine: validate, plan and execute operations over a Transport. Knows no HTTP server.
