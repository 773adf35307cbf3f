//! The fixtures of the rendering benches: a skeleton, its values, and the floor that renders it with plain minijinja.

use idp_core::{Node, Tree, TreePath};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error};
use serde_json::{Value, json};

/// Files in a skeleton.
pub const FILES: usize = 1_000;

/// The values that the skeleton is rendered with.
#[must_use]
pub fn values() -> Value {
    json!({
        "name": "parking-backend",
        "owner": "team-parking-3",
        "description": "Knows which places are free.",
        "port": 8080,
        "database": true,
        "modules": ["api", "store", "jobs", "report"],
    })
}

/// Expressions as steps and skeletons have them, which the engine and minijinja take alike.
pub const EXPRESSIONS: [&str; 12] = [
    "${{ values.name }}",
    "${{ values.name }}-${{ values.port }}",
    "${{ values.name | upper }} of ${{ values.owner | replace('team-', '') }}",
    "${{ values.owner or 'nobody' }}",
    "${{ values.missing | default('none') }}",
    "${{ 'yes' if values.database else 'no' }}",
    "${{ values.modules | join(', ') }}",
    "${{ values.modules[1] ~ '/' ~ values.modules[2] }}",
    "${{ values.modules | length }}",
    "${{ values.port + 1000 }}",
    "${{ 'one' if values.name == 'parking-backend' and not values.database else 'other' }}",
    "{% for module in values.modules %}${{ module | capitalize }};{% endfor %}",
];

/// A skeleton of [`FILES`] files in fifty folders, 1 kB each. Each is a template and differs from the others; every tenth
/// has one for a name too.
///
/// # Panics
/// Never: its paths are good, and it is far smaller than the limits of a tree.
#[must_use]
pub fn skeleton() -> Tree {
    let mut tree = Tree::new();
    for number in 0..FILES {
        let name = if number % 10 == 0 { "${{ values.name }}" } else { "file" };
        let path =
            TreePath::new(&format!("part-{}/{name}-{number}.txt", number / 20)).expect("the path is good");
        tree.insert(path, Node::file(template(number).into_bytes())).expect("the tree is small");
    }
    tree
}

/// The values as plain minijinja takes them.
#[must_use]
pub fn plain_values() -> minijinja::Value {
    minijinja::context! { values => minijinja::Value::from(Serde(values())) }
}

/// An environment that reads `${{ … }}` and leaves line ends alone, as the engine does.
///
/// # Panics
/// Never: the delimiters are good.
#[must_use]
pub fn plain_environment() -> Environment<'static> {
    let syntax = SyntaxConfig::builder().variable_delimiters("${{", "}}").keep_trailing_newline(true).build();
    let mut environment = Environment::new();
    environment.set_syntax(syntax.expect("the delimiters are good"));
    environment
}

/// Renders names and contents with an environment and nothing else: the floor.
///
/// # Errors
/// Where minijinja refuses a template.
///
/// # Panics
/// Where a name does not make a path, or a file is no text.
pub fn render_plain(environment: &Environment<'_>, skeleton: &Tree, values: &Value) -> Result<Tree, Error> {
    let context = minijinja::context! { values => minijinja::Value::from(Serde(values)) };
    let mut out = Tree::new();
    for (path, node) in skeleton.iter() {
        let Node::File { bytes, mode } = node else { continue };
        let text = std::str::from_utf8(bytes).expect("the skeleton is text");
        let name = environment.render_str(path.as_str(), &context)?;
        let bytes = environment.render_str(text, &context)?.into_bytes().into();
        let path = TreePath::new(&name).expect("the name is good");
        out.insert(path, Node::File { bytes, mode: *mode }).expect("the tree is small");
    }
    Ok(out)
}

/// What a file of a service looks like to an engine: mostly text, with outputs, a condition and a loop.
fn template(number: usize) -> String {
    let head = format!("# ${{{{ values.name }}}}, part {number}\n\n");
    let body = "${{ values.description }}\nOwner: ${{ values.owner | upper }}\n\n\
        {% if values.database %}database: ${{ values.name }}-db\n{% else %}database: none\n{% endif %}\
        {% for module in values.modules %}- ${{ module }} of ${{ values.name }} on ${{ values.port }}\n{% endfor %}\n";
    format!("{head}{}{body}{}", filler(number, 5), filler(number + 5, 9))
}

fn filler(from: usize, lines: usize) -> String {
    (from..from + lines)
        .map(|line| format!("setting-{line} = \"as everywhere else in the company\"\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use idp_scaffolder::{Engine, RenderOptions, Scope, TextOptions, render_files};

    use super::*;

    #[test]
    fn engine_and_minijinja_agree() {
        let mut ours = Tree::new();
        let (engine, options) = (Engine::default(), RenderOptions::default());
        render_files(&engine, &skeleton(), &values(), &options, &mut ours).unwrap();
        let plain = render_plain(&plain_environment(), &skeleton(), &values()).unwrap();
        assert_eq!(ours.len(), FILES);
        assert_eq!(ours, plain);
        let scope = Scope::new().with("values", values());
        for expression in EXPRESSIONS {
            let ours = engine.render_text(expression, &scope, TextOptions::default()).unwrap();
            let plain = plain_environment().render_str(expression, plain_values()).unwrap();
            assert_eq!(ours, plain, "{expression}");
        }
    }
}
