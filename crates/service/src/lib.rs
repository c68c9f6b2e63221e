//! What a data-owning subgraph needs: PostgreSQL, outbox, idempotency, peers, Ctx, Subgraph.
