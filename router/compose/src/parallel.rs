//! Work on several threads. Results and their order do not depend on how many there are.

use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, Builder, Scope, ScopedJoinHandle};

/// As much as Rust gives to any thread by itself: hostile input is kept within it.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// With less text than this, starting threads takes longer than what they save.
const WORTH_BYTES: usize = 32 * 1024;

/// How many threads there should be for so much text.
pub(crate) fn threads_for(bytes: usize) -> usize {
    if bytes < WORTH_BYTES {
        return 1;
    }
    thread::available_parallelism().map_or(1, usize::from)
}

/// The results for all items, in the order of the items.
pub(crate) fn map<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return done;
            };
            done.push((index, work(item)));
        }
    };
    let mut all = thread::scope(|scope| {
        let others = (1..threads.min(items.len())).map_while(|_| start(scope, take));
        let others: Vec<_> = others.collect();
        let mut all = take();
        all.extend(others.into_iter().flat_map(finish));
        all
    });
    all.sort_unstable_by_key(|(index, _)| *index);
    all.into_iter().map(|(_, result)| result).collect()
}

fn start<'scope, R: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> R + Send + 'scope,
) -> Option<ScopedJoinHandle<'scope, R>> {
    let builder = Builder::new().stack_size(STACK_BYTES);
    builder.spawn_scoped(scope, work).ok()
}

fn finish<R>(thread: ScopedJoinHandle<'_, R>) -> R {
    thread
        .join()
        .unwrap_or_else(|cause| panic::resume_unwind(cause))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::map;
    use crate::{SubgraphInput, compose};

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<u64> = (0..20).collect();
        for threads in [1, 2, 5, 50] {
            let found = map(threads, &items, |item| {
                // The first is done last.
                std::thread::sleep(Duration::from_millis((20 - item) / 4));
                item * 2
            });
            let wanted: Vec<u64> = items.iter().map(|item| item * 2).collect();
            assert_eq!(found, wanted, "{threads} threads");
        }
        assert!(map(3, &[0_u8; 0], |item| *item).is_empty());
    }

    /// Enough text for several threads.
    fn large(wrong: &[usize]) -> Vec<SubgraphInput> {
        let subgraph = |number: usize| {
            let ty = if wrong.contains(&number) {
                "Nothing"
            } else {
                "Int"
            };
            let text = "x".repeat(10_000);
            let sdl = format!("type Query {{ \"{text}\" f{number}: Int\n g{number}: {ty} }}");
            let input = SubgraphInput::new(format!("s{number}"), "http://s", sdl);
            input.read_from(format!("s{number}.graphql"))
        };
        (0..8).map(subgraph).collect()
    }

    #[test]
    fn every_thread_reports_its_errors() {
        let errors = compose(&large(&[2, 3, 7])).unwrap_err();
        let found: Vec<_> = errors
            .iter()
            .map(|error| (error.subgraphs[0].file.as_deref(), error.subgraphs[0].line))
            .collect();
        let wanted = [2, 3, 7].map(|number| format!("s{number}.graphql"));
        let wanted = wanted.each_ref().map(|file| (Some(file.as_str()), 2));
        assert_eq!(found, wanted);
    }

    #[test]
    fn many_threads_give_what_one_gives() {
        let mut inputs = large(&[]);
        let composed = compose(&inputs).unwrap();
        for (number, input) in inputs.iter().enumerate() {
            let field = format!("  g{number}: Int @join__field(graph: S{number})\n");
            assert!(composed.supergraph_sdl.contains(&field), "{}", input.name);
        }
        inputs.reverse();
        assert_eq!(compose(&inputs).unwrap(), composed);
    }
}
