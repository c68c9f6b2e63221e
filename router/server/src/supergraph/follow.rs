//! Follows the sources of the supergraph: what has changed is composed, and used when it is sound.

use std::{
    error::Error,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use kernel::Clock;
use router_compose::Diagnostic;
use router_engine::{Engine, Supergraph};

use super::{Failure, Input, ReadError, Reader, Reading, Report, SourceState, Stage};
use crate::{RouterState, state::SUPERGRAPH};

/// Makes an engine for a supergraph: knows how its subgraphs are reached.
pub type Build =
    Arc<dyn Fn(Supergraph) -> Result<Engine, Box<dyn Error + Send + Sync>> + Send + Sync>;

/// Keeps a router's supergraph as its sources are.
pub struct Follower {
    state: Arc<RouterState>,
    reader: Reader,
    build: Build,
    clock: Clock,
    /// What was read last, and what became of it: the same is not tried again.
    tried: Option<(Input, Result<(), Failure>)>,
    report: Report,
}

/// A sound supergraph.
struct Made {
    /// Nothing when it is the one in use.
    engine: Option<Engine>,
    hints: Vec<Diagnostic>,
}

impl Follower {
    /// Follows what `reader` reads for `state`. Nothing happens before [`Follower::look`].
    #[must_use]
    pub fn new(state: Arc<RouterState>, reader: Reader, build: Build, clock: Clock) -> Self {
        Self {
            state,
            reader,
            build,
            clock,
            tried: None,
            report: Report::default(),
        }
    }

    /// Looks at the sources every so often, until they are sound.
    pub async fn until_sound(&mut self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            if self.look().await.is_ok() {
                return;
            }
        }
    }

    /// Looks at the sources every so often, for ever.
    pub async fn run(mut self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            drop(self.look().await);
        }
    }

    /// Looks at the sources once. What has changed is used from now on if it is sound; if it is not, what
    /// is in use stays.
    ///
    /// # Errors
    /// Why the sources as they are cannot be used. It is logged, and told to operators.
    pub async fn look(&mut self) -> Result<(), Failure> {
        let now = self.clock.now().to_rfc3339();
        self.report.looked_at.clone_from(&now);
        let outcome = match self.reader.read().await {
            Ok(reading) => self.follow(reading, &now).await,
            Err(error) => {
                if let ReadError::Sources(sources) = &error {
                    self.report.sources.clone_from(sources);
                }
                let stage = match error {
                    ReadError::File { .. } | ReadError::Config(_) => Stage::Config,
                    ReadError::Sources(_) => Stage::Sources,
                };
                Err(Failure {
                    stage,
                    message: error.to_string(),
                    diagnostics: Vec::new(),
                    since: now,
                })
            }
        };
        self.tell(outcome.clone());
        outcome
    }

    async fn follow(&mut self, reading: Reading, now: &str) -> Result<(), Failure> {
        tell_sources(&self.report.sources, &reading.sources);
        self.report.sources = reading.sources;
        if let Some((input, outcome)) = &self.tried
            && *input == reading.input
        {
            return outcome.clone();
        }
        let begun = Instant::now();
        let made = self.make(reading.input.clone(), now).await;
        metrics::histogram!("pasar_router_composition_duration_seconds")
            .record(begun.elapsed().as_secs_f64());
        let outcome = made.map(|made| self.put_into_use(made, now));
        self.tried = Some((reading.input, outcome.clone()));
        outcome
    }

    /// Composes and prepares, away from the threads that serve requests.
    async fn make(&self, input: Input, now: &str) -> Result<Made, Failure> {
        let build = Arc::clone(&self.build);
        let used = self.state.serving();
        let used = used.map(|serving| serving.engine.supergraph().hash().to_owned());
        let made = tokio::task::spawn_blocking(move || make(input, used.as_deref(), &*build)).await;
        let made = made.unwrap_or_else(|_panicked| {
            // The panic hook has printed message and place.
            let message = "composition ended in a panic".to_owned();
            Err((Stage::Composition, message, Vec::new()))
        });
        made.map_err(|(stage, message, diagnostics)| Failure {
            stage,
            message,
            diagnostics,
            since: now.to_owned(),
        })
    }

    fn put_into_use(&mut self, made: Made, now: &str) {
        self.report.hints = made.hints;
        let Some(engine) = made.engine else { return };
        let hash = engine.supergraph().hash().to_owned();
        let subgraphs = engine.supergraph().subgraphs().len();
        self.state.replace_engine(Arc::new(engine));
        self.report.in_use_since = Some(now.to_owned());
        metrics::gauge!("pasar_router_composition_last_swap_timestamp_seconds")
            .set(self.clock.now().timestamp() as f64);
        metrics::counter!("pasar_router_composition_swaps_total").increment(1);
        tracing::info!(hash, subgraphs, "a new supergraph is in use");
    }

    /// Tells operators: in the log what is new, on the listener and in the metrics how it is.
    fn tell(&mut self, outcome: Result<(), Failure>) {
        let before = self.report.failure.take();
        let mut failure = outcome.err();
        match (&before, &mut failure) {
            (Some(before), Some(now)) if is_same(before, now) => {
                now.since.clone_from(&before.since);
            }
            (_, Some(now)) => self.tell_failure(now),
            (Some(_), None) => tracing::info!("the sources of the supergraph are sound again"),
            (None, None) => {}
        }
        let failing = failure.as_ref().map(|failure| failure.stage);
        for stage in Stage::ALL {
            metrics::gauge!("pasar_router_composition_failing", "stage" => stage.as_str())
                .set(f64::from(u8::from(failing == Some(stage))));
        }
        let troubled = self
            .report
            .sources
            .iter()
            .filter(|source| source.problem.is_some());
        metrics::gauge!("pasar_router_composition_sources_failing").set(troubled.count() as f64);
        self.report.failure = failure;
        let shown = &self.state.composition;
        *shown.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.report.clone());
    }

    fn tell_failure(&self, failure: &Failure) {
        let (stage, message) = (failure.stage.as_str(), &failure.message);
        metrics::counter!("pasar_router_composition_failures_total", "stage" => stage).increment(1);
        if self.state.serving().is_some() {
            tracing::error!(
                stage,
                "the supergraph in use stays, because the new one is not sound: {message}"
            );
            return;
        }
        tracing::error!(stage, "there is no supergraph to serve: {message}");
        // Clients read this: what is wrong is for operators.
        let reason = "there is none yet: `/supergraph` on the listener of operators says why";
        self.state.health.set_not_ready(SUPERGRAPH, reason);
    }
}

/// Says which sources cannot be read any more, and which can again.
fn tell_sources(before: &[SourceState], now: &[SourceState]) {
    for source in now {
        let subgraph = &source.subgraph;
        let known = before.iter().find(|known| known.subgraph == *subgraph);
        let problem = known.and_then(|known| known.problem.as_ref());
        match &source.problem {
            Some(new) if problem != Some(new) => {
                tracing::warn!(
                    subgraph,
                    "a schema cannot be read, the last one known is used: {new}"
                );
            }
            None if problem.is_some() => tracing::info!(subgraph, "a schema can be read again"),
            _ => {}
        }
    }
}

/// Whether two failures are one that goes on.
fn is_same(before: &Failure, now: &Failure) -> bool {
    before.stage == now.stage && before.message == now.message
}

/// Why subgraphs do not compose, a line for each error.
#[must_use]
pub fn explain(errors: &[Diagnostic]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    format!("the subgraphs do not compose:\n{}", lines.join("\n"))
}

type Unsound = (Stage, String, Vec<Diagnostic>);

fn make(
    input: Input,
    used: Option<&str>,
    build: &dyn Fn(Supergraph) -> Result<Engine, Box<dyn Error + Send + Sync>>,
) -> Result<Made, Unsound> {
    let (sdl, hints) = match input {
        Input::Supergraph(sdl) => (sdl, Vec::new()),
        Input::Subgraphs(subgraphs) => {
            let composed = router_compose::compose(&subgraphs)
                .map_err(|diagnostics| (Stage::Composition, explain(&diagnostics), diagnostics))?;
            (composed.supergraph_sdl, composed.hints)
        }
    };
    let unsound = |error: &dyn Error| (Stage::Supergraph, error.to_string(), Vec::new());
    let supergraph = Supergraph::parse(&sdl).map_err(|error| unsound(&error))?;
    if Some(supergraph.hash()) == used {
        return Ok(Made {
            engine: None,
            hints,
        });
    }
    let engine = build(supergraph).map_err(|error| unsound(&*error))?;
    Ok(Made {
        engine: Some(engine),
        hints,
    })
}
