//! Any bytes are up to three subgraphs, with a line `---` between them: composing them neither
//! panics nor takes long, and what comes of it is the same again, and valid.

#![no_main]

use libfuzzer_sys::fuzz_target;
use router_compose::{Contract, SubgraphInput, compose, compose_contract};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let schemas = text.splitn(3, "\n---\n").zip(["a", "b", "c"]);
    let inputs: Vec<SubgraphInput> = schemas
        .map(|(sdl, name)| SubgraphInput::new(name, format!("http://{name}"), sdl))
        .collect();
    let composed = compose(&inputs);
    let backwards: Vec<SubgraphInput> = inputs.iter().rev().cloned().collect();
    assert_eq!(composed, compose(&backwards), "the order means something");
    if let Ok(composed) = composed {
        let again = SubgraphInput::new("api", "http://api", composed.api_sdl);
        if let Err(errors) = compose(&[again]) {
            panic!("the API schema is no schema: {errors:?}");
        }
        let contract = Contract {
            exclude: ["a".to_owned()].into(),
            hide_unreachable_types: true,
            ..Contract::default()
        };
        drop(compose_contract(&inputs, &contract));
    }
});
