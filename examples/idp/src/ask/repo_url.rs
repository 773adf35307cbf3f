//! Where a repository goes, part by part.

use idp_scaffolder::{Question, RepoUrlOptions, RepoUrlPart};
use inquire::validator::ValueRequiredValidator;
use inquire::{InquireError, Select, Text};

use super::{Asked, Reply, help, printable};

/// The host that is asked for where the form does not say which there are.
const HOST: &str = "github.com";

/// Asks for the host, and then for what an address there consists of.
pub(super) fn ask(question: &Question, options: &RepoUrlOptions) -> Asked {
    let Some(host) = host(question, options)? else { return Ok(Reply::Open) };
    let mut parts = Vec::new();
    for part in options.parts(&host) {
        match one(&part, question)? {
            Some(value) => parts.push((part.name, value)),
            None => return Ok(Reply::Open),
        }
    }
    let parts = parts.iter().map(|(name, value)| (*name, value.as_str()));
    Ok(Reply::Answer(options.url(&host, parts).into()))
}

fn host(question: &Question, options: &RepoUrlOptions) -> Result<Option<String>, InquireError> {
    let title = format!("{} (Host):", printable(&question.title));
    match &options.hosts[..] {
        [host] => Ok(Some(host.clone())),
        [] => Text::new(&title).with_default(HOST).with_help_message(&help(question)).prompt_skippable(),
        hosts => choose(&title, hosts, question),
    }
}

fn one(part: &RepoUrlPart, question: &Question) -> Result<Option<String>, InquireError> {
    let title = format!("{} ({}):", printable(&question.title), printable(&part.label));
    if !part.allowed.is_empty() {
        return choose(&title, &part.allowed, question);
    }
    let required = ValueRequiredValidator::new("it has to be answered");
    Text::new(&title).with_help_message(&help(question)).with_validator(required).prompt_skippable()
}

fn choose(title: &str, values: &[String], question: &Question) -> Result<Option<String>, InquireError> {
    let labels: Vec<_> = values.iter().map(|it| printable(it)).collect();
    let chosen = Select::new(title, labels).with_help_message(&help(question)).raw_prompt_skippable()?;
    Ok(chosen.map(|it| values[it.index].clone()))
}
