//! Root mutations with their inputs and payloads.

mod stock;
mod warehouse;

use async_graphql::MergedObject;

/// Root of all mutations of this subgraph.
#[derive(MergedObject, Default)]
pub(crate) struct Mutation(warehouse::WarehouseMutation, stock::StockMutation);
