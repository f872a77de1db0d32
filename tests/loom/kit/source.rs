//! Just enough reading of Rust to list the functions of a file: where each stands and what its body says.
//!
//! Two steps. `blank` replaces comments, literals and attributes by spaces, so that no brace, quote or
//! name in them counts. `functions` then walks the braces, keeps a stack of what was opened, and notes
//! every `fn`. No macro is expanded: a function inside a macro's body or call is found if it is written
//! out there as `fn name`.

/// A function of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Function {
    /// Its name; begins with `$` in a macro that is given the name.
    pub(crate) name: String,
    /// Whether it is plainly `pub`, not `pub(crate)`.
    pub(crate) public: bool,
    /// The modules and functions of this file around it.
    pub(crate) path: Vec<String>,
    /// What it belongs to.
    pub(crate) owner: Owner,
    /// The line of its opening brace, from 1.
    pub(crate) line: usize,
    /// Its body, blanked.
    pub(crate) body: String,
}

/// What a function belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A module.
    Module,
    /// The type with this name.
    Type(String),
    /// A macro, which alone knows.
    Macro,
}

/// Whatever has been opened by a brace.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Scope {
    Module(String),
    Type(String),
    /// A macro's body or call, an `impl $name`, or a block of statements.
    Opaque,
    /// The index of the function in the list.
    Function(usize),
}

/// Every function with a body in `source`, in the order of their opening braces.
pub(crate) fn functions(source: &str) -> Vec<Function> {
    let source = blank(source);
    let mut functions: Vec<Function> = Vec::new();
    let mut opened: Vec<(Scope, usize)> = Vec::new();
    let mut header = 0;
    let mut brackets = 0_usize;
    for (at, character) in source.char_indices() {
        match character {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets = brackets.saturating_sub(1),
            // In `[u8; 4]` it ends nothing.
            ';' if brackets == 0 => header = at + 1,
            '{' => {
                let scope = scope_of(&source[header..at], &opened, &mut functions);
                if let Scope::Function(index) = scope {
                    functions[index].line = 1 + source[..at].matches('\n').count();
                }
                opened.push((scope, at + 1));
                header = at + 1;
                // A block inside an argument: `call(|| { a; b })`.
                brackets = 0;
            }
            '}' => {
                if let Some((Scope::Function(index), start)) = opened.pop() {
                    source[start..at].clone_into(&mut functions[index].body);
                }
                header = at + 1;
                brackets = 0;
            }
            _ => {}
        }
    }
    functions
}

/// What `header` opens. Adds to `functions` if that is one.
fn scope_of(header: &str, opened: &[(Scope, usize)], functions: &mut Vec<Function>) -> Scope {
    // What stands before the arrow of a match or macro arm is a pattern.
    let words = words(header.rsplit("=>").next().unwrap_or(header));
    let after = |keyword: &str| {
        let at = words.iter().position(|word| word == keyword)?;
        words.get(at + 1).filter(|word| is_name(word))
    };
    if let Some(name) = after("fn") {
        functions.push(Function {
            name: name.clone(),
            public: is_public(&words),
            path: path_of(opened, functions),
            owner: owner_of(opened),
            line: 0,
            body: String::new(),
        });
        return Scope::Function(functions.len() - 1);
    }
    if let Some(at) = words.iter().position(|word| word == "impl") {
        return impl_target(&words[at + 1..]).map_or(Scope::Opaque, Scope::Type);
    }
    if let Some(name) = after("mod") {
        return Scope::Module(name.clone());
    }
    Scope::Opaque
}

/// Whether the words before `fn` say `pub` and no more.
fn is_public(words: &[String]) -> bool {
    let mut before = words
        .iter()
        .take_while(|word| *word != "fn")
        .skip_while(|word| *word != "pub");
    before.next().is_some() && before.next().is_none_or(|word| word != "(")
}

/// The names of the modules and functions that are open.
fn path_of(opened: &[(Scope, usize)], functions: &[Function]) -> Vec<String> {
    let names = opened.iter().filter_map(|(scope, _)| match scope {
        Scope::Module(name) => Some(name.clone()),
        Scope::Function(index) => Some(functions[*index].name.clone()),
        Scope::Type(_) | Scope::Opaque => None,
    });
    names.collect()
}

/// The innermost type or module that is open. A macro called inside an `impl` adds to that type.
fn owner_of(opened: &[(Scope, usize)]) -> Owner {
    let opaque = opened
        .iter()
        .rev()
        .take_while(|(scope, _)| *scope == Scope::Opaque)
        .count();
    match opened.iter().rev().nth(opaque) {
        Some((Scope::Type(name), _)) => Owner::Type(name.clone()),
        _ if opaque > 0 => Owner::Macro,
        _ => Owner::Module,
    }
}

/// The type that the words after `impl` are about; `None` if a macro is given it.
fn impl_target(words: &[String]) -> Option<String> {
    let mut depth = 0_usize;
    let mut target = None;
    for (index, word) in words.iter().enumerate() {
        match word.as_str() {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            "where" if depth == 0 => break,
            // A trait stood before it; but `for<'a>` is a bound.
            "for" if depth == 0 && words.get(index + 1).is_none_or(|next| next != "<") => {
                target = None;
            }
            "mut" | "dyn" | "const" => {}
            // The last name of a path is the type's.
            name if depth == 0 && is_name(name) => target = Some(name),
            _ => {}
        }
    }
    target
        .filter(|name| !name.starts_with('$'))
        .map(str::to_owned)
}

/// Names, lifetimes, `->` and single characters. `$name` is one word.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut glued = false;
    for character in text.chars() {
        let previous = words.last_mut().filter(|_| glued);
        match previous {
            Some(word) if is_name_part(character) && word.chars().all(is_name_start_or_part) => {
                word.push(character);
            }
            Some(word) if word == "-" && character == '>' => word.push('>'),
            _ if character.is_whitespace() => {
                glued = false;
                continue;
            }
            _ => words.push(character.to_string()),
        }
        glued = true;
    }
    words
}

/// Whether a word can name something, as opposed to a sign or a lifetime.
fn is_name(word: &str) -> bool {
    let name = word.strip_prefix('$').unwrap_or(word);
    name.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Whether the character can stand inside a name.
fn is_name_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// As [`is_name_part`], or the first character of a `$name` or a lifetime.
fn is_name_start_or_part(character: char) -> bool {
    is_name_part(character) || matches!(character, '$' | '\'')
}

/// Whether `code`, which must be blanked, calls `name` as a method, through a path, or plainly.
pub(crate) fn calls(code: &str, name: &str, as_method: bool) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].trim_end();
        let after = code[at + name.len()..].trim_start();
        let is_call = after.starts_with('(') || after.starts_with("::<");
        let has_owner = before.ends_with('.') || before.ends_with("::");
        let is_whole = !code[..at].ends_with(is_name_part);
        is_call && is_whole && (has_owner || !as_method)
    })
}

/// `source` with comments, literals and attributes replaced by spaces; lines stay where they are.
fn blank(source: &str) -> String {
    let mut rest = source;
    let mut blanked = String::with_capacity(source.len());
    while let Some(first) = rest.chars().next() {
        let after_name = blanked.ends_with(is_name_part);
        let hidden = comment_or_literal(rest, after_name).max(attribute(rest));
        if hidden == 0 {
            blanked.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let spaces = rest[..hidden]
                .chars()
                .map(|c| if c == '\n' { '\n' } else { ' ' });
            blanked.extend(spaces);
            rest = &rest[hidden..];
        }
    }
    blanked
}

/// The length of the comment or literal at the start of `text`, 0 if there is none.
///
/// Directly after a name, an `r` or `b` is the rest of that name.
fn comment_or_literal(text: &str, after_name: bool) -> usize {
    match text.as_bytes().first() {
        Some(b'/') if text.starts_with("//") => text.find('\n').unwrap_or(text.len()),
        Some(b'/') if text.starts_with("/*") => block_comment(text),
        Some(b'r' | b'b' | b'c') if !after_name => prefixed_literal(text),
        Some(b'"') => quoted(text, '"'),
        Some(b'\'') => character_literal(text),
        _ => 0,
    }
}

/// The length of the comment at the start of `text`; such comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The length of a literal like `r#""#`, `b""` or `b''` at the start of `text`, 0 if it is none.
fn prefixed_literal(text: &str) -> usize {
    let prefix = text.len() - text.trim_start_matches(['r', 'b', 'c']).len();
    let raw = text[..prefix].ends_with('r');
    let rest = &text[prefix..];
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    match rest[hashes..].chars().next() {
        Some('"') if raw => {
            let end = format!("\"{}", "#".repeat(hashes));
            let start = prefix + hashes + 1;
            text[start..]
                .find(&end)
                .map_or(text.len(), |at| start + at + end.len())
        }
        Some('"') if hashes == 0 => prefix + quoted(rest, '"'),
        Some('\'') if hashes == 0 && &text[..prefix] == "b" => prefix + quoted(rest, '\''),
        _ => 0,
    }
}

/// The length of the literal at the start of `text` that ends with an unescaped `quote`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            end if end == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the character at the start of `text`, 0 if it is a lifetime.
fn character_literal(text: &str) -> usize {
    let mut characters = text.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), _) => quoted(text, '\''),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 0,
    }
}

/// The length of `#[...]` or `#![...]` at the start of `text`, 0 if it is none.
fn attribute(text: &str) -> usize {
    if !text.starts_with("#[") && !text.starts_with("#![") {
        return 0;
    }
    let mut depth = 0_usize;
    let mut at = 1;
    while let Some(first) = text[at..].chars().next() {
        let after_name = text[..at].ends_with(is_name_part);
        match first {
            '[' => depth += 1,
            ']' if depth == 1 => return at + 1,
            ']' => depth -= 1,
            _ => {}
        }
        at += comment_or_literal(&text[at..], after_name).max(first.len_utf8());
    }
    text.len()
}
