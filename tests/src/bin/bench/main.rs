//! `cargo xtask bench …`: prints machine, data size, median and spread. No assertion, no target.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a tool for developers"
)]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

mod entities;
mod load;
mod machine;
mod storefront;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    println!("{}", machine::describe());
    match name.as_str() {
        "storefront" => storefront::run(arguments.next().as_deref() == Some("small")).await,
        "entities" => entities::run().await,
        _ => println!("usage: bench storefront [small] | entities"),
    }
}
