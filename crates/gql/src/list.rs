//! Lists: Relay connections with `nodes` and opaque keyset cursors.

use async_graphql::{
    Error, OutputType,
    connection::{Connection as RelayConnection, Edge},
};
use kernel::{Page, PageRequest};

use crate::fault;

/// A page of a list as a Relay connection (<https://relay.dev/graphql/connections.htm>).
pub type Connection<T> = RelayConnection<String, T>;

/// Checks `first` and `after` as a caller sent them.
///
/// # Errors
/// `BAD_USER_INPUT` when `first` is outside 1 to 100.
pub fn page_request(first: Option<i32>, after: Option<String>) -> Result<PageRequest, Error> {
    PageRequest::new(first, after).map_err(|error| fault(error.into()))
}

/// Makes the connection of a page.
pub fn connection<T, N: OutputType>(page: Page<T>, node: impl Fn(T) -> N) -> Connection<N> {
    let mut connection = Connection::new(page.has_previous, page.has_next);
    connection.edges.extend(
        page.rows
            .into_iter()
            .map(|(cursor, row)| Edge::new(cursor.as_str().to_owned(), node(row))),
    );
    connection
}
