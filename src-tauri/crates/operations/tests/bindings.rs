//! The window's types are generated from the wire types and committed; this holds the two together.

use std::{fs, path::Path};

use operations::wire;
use ts_rs::{Config, TS};

macro_rules! declarations {
    ($($name:ident($request:ident) -> $answer:ident,)*) => {
        fn operations(config: &Config) -> String {
            let mut table = String::from("/** Every operation: its request and its answer. */\nexport interface Operations {\n");
            $( table += &format!("  {}: [{}, {}];\n", stringify!($name), wire::$request::name(config), wire::$answer::name(config)); )*
            table + "}\n"
        }
        fn roots(config: &Config, seen: &mut Declarations) {
            $( seen.add::<wire::$request>(config); seen.add::<wire::$answer>(config); )*
            seen.add::<wire::CoreEvent>(config);
        }
    };
}
operations::with_operations!(declarations);

/// Adds what a type is made of.
struct Visit<'a>(&'a mut Declarations, &'a Config);

impl ts_rs::TypeVisitor for Visit<'_> {
    fn visit<U: TS + 'static + ?Sized>(&mut self) {
        self.0.add::<U>(self.1);
    }
}

#[derive(Default)]
struct Declarations(std::collections::BTreeMap<String, String>);

impl Declarations {
    fn add<T: TS + 'static + ?Sized>(&mut self, config: &Config) {
        if T::output_path().is_none() || self.0.contains_key(&T::ident(config)) {
            return;
        }
        let docs = T::docs().map(|text| text + "\n").unwrap_or_default();
        self.0.insert(T::ident(config), format!("{}export {}\n", docs.trim_start(), T::decl(config)));
        T::visit_dependencies(&mut Visit(self, config));
    }
}

/// Run with `UPDATE=1` to rewrite the file after a change of the wire types.
#[test]
fn the_windows_types_are_those_of_the_core() {
    let config = Config::default();
    let mut seen = Declarations::default();
    roots(&config, &mut seen);
    let types: Vec<String> = seen.0.into_values().collect();
    let text = format!(
        "// Generated from the core's wire types by `./dev bindings`. Do not edit.\n\n{}\n{}",
        types.join("\n"),
        operations(&config)
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/backend/generated/wire.ts");
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, &text).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "ui/src/backend/generated/wire.ts is not current: run ./dev bindings");
}
