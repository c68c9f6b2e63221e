//! Glue to async-graphql: scalars, connections, user errors, batches, limits, SDL export.
