//! What every role needs: configuration, telemetry, HTTP server, health, shutdown, token verification.
