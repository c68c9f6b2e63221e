//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use kernel::EventId;

/// Pasar: the backend of a marketplace as one GraphQL supergraph.
#[derive(Parser)]
#[command(version, about, propagate_version = true)]
pub struct Arguments {
    /// A file of settings over the defaults; may be given several times.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Vec<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Subcommand)]
pub enum Command {
    /// Run all of it in one process: database, subgraphs, router.
    Up(Up),
    /// Run subgraphs over HTTP, each at /NAME/graphql.
    Serve(Serve),
    /// Run the router for a supergraph, this one's or any other.
    Router(Router),
    /// Compose subgraph schemas into a supergraph.
    Compose(Compose),
    /// Run what works beside the requests of subgraphs: relay, consumers, tasks.
    Worker(Worker),
    /// See how far the consumers of events are, and deal with what they could not.
    Events(Events),
    /// Make the databases and bring them up to date.
    Migrate(Migrate),
    /// Write the subgraphs' schemas and event contracts to schema/.
    Schema(Schema),
    /// Fill a running installation's databases with the demo marketplace.
    Seed(Seed),
    /// Show the settings in force, without secrets.
    Config,
    /// Check settings, supergraph, databases and event bus, one line each.
    Doctor,
    /// Ask the admin listener on this machine whether the process lives.
    Healthcheck,
}

/// Options of `pasar up`.
#[derive(Args)]
pub struct Up {
    /// Where clients connect.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Where the private database and generated secrets are kept.
    #[arg(long, default_value = ".pasar", value_name = "DIR")]
    pub data: PathBuf,
    /// What to fill empty databases with.
    #[arg(long, value_enum, default_value_t = SeedKind::Demo)]
    pub seed: SeedKind,
    /// Where PostgreSQL comes from when no `postgres.url` is set.
    #[arg(long, value_enum, default_value_t = PostgresSource::Auto)]
    pub postgres: PostgresSource,
}

/// What to fill empty databases with.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SeedKind {
    /// The demo marketplace: shops, products, reviews, people with known passwords.
    Demo,
    /// A small part of it, for tests.
    Small,
    /// Nothing.
    None,
}

/// Where the programs of the private PostgreSQL come from.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PostgresSource {
    /// Installed ones where there are any, else fetched ones.
    Auto,
    /// Installed ones only.
    Installed,
    /// Fetched ones only.
    Fetched,
}

/// Options of `pasar serve`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("which").required(true))]
pub struct Serve {
    /// Run every subgraph.
    #[arg(long, group = "which")]
    pub all: bool,
    /// Run this subgraph; may be given several times.
    #[arg(long, group = "which", value_name = "NAME")]
    pub subgraph: Vec<String>,
    /// Where the router connects.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Apply pending migrations instead of refusing to start.
    #[arg(long)]
    pub migrate: bool,
    /// Leave relay, consumers and tasks to `pasar worker`.
    #[arg(long)]
    pub no_worker: bool,
}

/// Options of `pasar worker`.
#[derive(Args)]
#[command(group = clap::ArgGroup::new("whose").required(true))]
pub struct Worker {
    /// Work for every subgraph.
    #[arg(long, group = "whose")]
    pub all: bool,
    /// Work for this subgraph; may be given several times.
    #[arg(long, group = "whose", value_name = "NAME")]
    pub subgraph: Vec<String>,
}

/// Options of `pasar events`.
#[derive(Args)]
pub struct Events {
    /// What to do.
    #[command(subcommand)]
    pub command: EventsCommand,
}

/// What can be done about events. A consumer's name begins with its subgraph's: `search.catalog`.
#[derive(Subcommand)]
pub enum EventsCommand {
    /// Show how many events each consumer is behind.
    Lag {
        /// Only this consumer.
        #[arg(long, value_name = "NAME")]
        consumer: Option<String>,
    },
    /// Show the events that could not take effect.
    DeadLetters {
        /// Only those of this consumer.
        #[arg(long, value_name = "NAME")]
        consumer: Option<String>,
    },
    /// Try dead letters again, each aggregate's in order up to the first that fails again.
    Replay {
        /// Only those of this consumer.
        #[arg(long, value_name = "NAME")]
        consumer: Option<String>,
        /// Only those of the aggregate of this event.
        #[arg(long, value_name = "ID")]
        event: Option<EventId>,
    },
    /// Drop a dead letter: its event never takes effect for the consumer.
    Discard {
        /// Whose letter.
        #[arg(long, value_name = "NAME")]
        consumer: String,
        /// Which event.
        #[arg(long, value_name = "ID")]
        event: EventId,
    },
}

/// Options of `pasar router`.
#[derive(Args)]
pub struct Router {
    /// A supergraph.yaml, which is composed, or a composed supergraph SDL.
    #[arg(long, value_name = "FILE")]
    pub supergraph: PathBuf,
    /// Where clients connect.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
}

/// Options of `pasar compose`.
#[derive(Args)]
pub struct Compose {
    /// The composition input, in Rover's format.
    #[arg(long = "input", default_value = "supergraph.yaml", value_name = "FILE")]
    pub input: PathBuf,
    /// Where to write the supergraph, with api.graphql beside it. Without it the supergraph is printed, unless
    /// --check or --against says what to print.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Write nothing: fail unless schema/supergraph.graphql and schema/api.graphql are up to date.
    #[arg(long, conflicts_with_all = ["out", "include_tags", "exclude_tags", "hide_unreachable_types"])]
    pub check: bool,
    /// Compare the schema that clients see with this older one, or with that of this older supergraph: print
    /// what changed, and fail when operations that work may stop to.
    #[arg(long, value_name = "FILE")]
    pub against: Option<PathBuf>,
    /// Only show clients fields and unions that have this tag, or whose type has it; may be given several times.
    #[arg(long = "include-tag", value_name = "TAG")]
    pub include_tags: Vec<String>,
    /// Hide from clients whatever has this tag; may be given several times, and wins over --include-tag.
    #[arg(long = "exclude-tag", value_name = "TAG")]
    pub exclude_tags: Vec<String>,
    /// Hide from clients the types that nothing they see leads to.
    #[arg(long)]
    pub hide_unreachable_types: bool,
    /// How to print what composition has to say.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// How to print diagnostics.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A line each, for people.
    Text,
    /// One JSON document, for tools.
    Json,
}

/// Options of `pasar migrate`.
#[derive(Args)]
pub struct Migrate {
    /// Only this subgraph; may be given several times. All without it.
    #[arg(long, value_name = "NAME")]
    pub subgraph: Vec<String>,
    /// Change nothing: fail when a migration is pending.
    #[arg(long)]
    pub check: bool,
}

/// Options of `pasar schema`.
#[derive(Args)]
pub struct Schema {
    /// Write nothing: fail unless the files in schema/ are up to date.
    #[arg(long, conflicts_with = "allow_breaking")]
    pub check: bool,
    /// Break what was promised about events of this type; may be given several times. For types that nobody
    /// has read yet: otherwise publish a new type beside the old one.
    #[arg(long, value_name = "EVENT_TYPE")]
    pub allow_breaking: Vec<String>,
}

/// Options of `pasar seed`.
#[derive(Args)]
pub struct Seed {
    /// What to fill in.
    #[arg(long, value_enum, default_value_t = SeedKind::Demo)]
    pub kind: SeedKind,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        super::Arguments::command().debug_assert();
    }
}
