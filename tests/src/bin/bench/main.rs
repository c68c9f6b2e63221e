//! `cargo xtask bench …`: prints machine, data size, median and spread. No assertion, no target.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool for developers"
)]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod compose;
mod entities;
mod events;
mod load;
mod machine;
mod search;
mod storefront;
mod subscriptions;

/// As in `pasar`: it decides what a connection costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    // Helpers that `subscriptions` starts: they talk to it on their standard streams.
    match name.as_str() {
        "subscriptions-router" => return subscriptions::router().await,
        "subscriptions-clients" => {
            let mut next = || arguments.next().unwrap();
            let (router, count) = (next().parse().unwrap(), next().parse().unwrap());
            return subscriptions::clients(router, count, next().parse().unwrap()).await;
        }
        _ => {}
    }
    println!("{}", machine::describe());
    match name.as_str() {
        "storefront" => storefront::run(arguments.next().as_deref() == Some("small")).await,
        "entities" => entities::run().await,
        "events" => events::run().await,
        "compose" => {
            let patience = arguments.next().and_then(|seconds| seconds.parse().ok());
            compose::run(patience);
        }
        "search" => {
            let products = arguments.next().and_then(|count| count.parse().ok());
            search::run(products.unwrap_or(100_000)).await;
        }
        "subscriptions" => {
            let connections = arguments.next().and_then(|count| count.parse().ok());
            subscriptions::run(connections.unwrap_or(5_000)).await;
        }
        _ => println!(
            "usage: bench compose [SECONDS] | storefront [small] | entities | events | search [PRODUCTS] | \
             subscriptions [CONNECTIONS]"
        ),
    }
}
