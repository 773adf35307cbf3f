//! The grammar: tokens, tree and parser. Independent of how a template is run.

pub(crate) mod ast;
mod expression;
mod lexer;
mod parser;
mod print;
mod statement;
mod token;

pub(crate) use lexer::LexOptions;
pub(crate) use parser::parse;
pub(crate) use print::print;
