//! `completions` and `man`.

use crate::args::Arguments;
use crate::failure::{DONE, Failure};
use clap::CommandFactory;
use std::path::Path;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "offload", &mut script);
    std::io::Write::write_all(&mut std::io::stdout(), &script)?;
    Ok(DONE)
}

/// One page a verb in a folder; without one the main page goes to the terminal.
pub(crate) fn man(folder: Option<&Path>) -> Result<u8, Failure> {
    let command = Arguments::command();
    match folder {
        Some(folder) => {
            std::fs::create_dir_all(folder)?;
            clap_mangen::generate_to(command, folder)?;
        }
        None => clap_mangen::Man::new(command).render(&mut std::io::stdout())?,
    }
    Ok(DONE)
}

#[cfg(test)]
mod tests {
    use super::man;

    #[test]
    fn a_page_for_every_verb() {
        let dir = tempfile::tempdir().unwrap();
        man(Some(dir.path())).unwrap();
        for page in ["offload.1", "offload-upload.1", "offload-status.1"] {
            let text = std::fs::read_to_string(dir.path().join(page)).unwrap();
            assert!(text.contains(".SH"), "{page}");
        }
    }
}
