//! Notebooks are committed as they are written, not as they were last run.

use serde_json::Value;

use crate::Finding;

/// Cells of the notebook `text` that carry outputs or a count of executions.
pub fn outputs(file: &str, text: &str) -> Vec<Finding> {
    let Ok(notebook) = serde_json::from_str::<Value>(text) else {
        return vec![Finding::new(file, 1, "not JSON")];
    };
    let cells = notebook["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
    let code = cells.iter().enumerate().filter(|(_, cell)| cell["cell_type"] == "code");
    let was_run = |cell: &Value| {
        cell["outputs"].as_array().is_none_or(|outputs| !outputs.is_empty())
            || !cell["execution_count"].is_null()
    };
    code.filter(|(_, cell)| was_run(cell))
        .map(|(index, _)| Finding::new(file, 1, format!("cell {} has outputs: clear them", index + 1)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_was_run_is_found() {
        let notebook = |cell: &str| format!("{{\"cells\": [{{\"cell_type\": \"markdown\"}}, {cell}]}}");
        let clean = "{\"cell_type\": \"code\", \"execution_count\": null, \"outputs\": []}";
        let counted = "{\"cell_type\": \"code\", \"execution_count\": 3, \"outputs\": []}";
        let printed = "{\"cell_type\": \"code\", \"execution_count\": null, \"outputs\": [{}]}";
        assert_eq!(outputs("a.ipynb", &notebook(clean)), []);
        for bad in [counted, printed] {
            assert_eq!(
                outputs("a.ipynb", &notebook(bad)),
                [Finding::new("a.ipynb", 1, "cell 2 has outputs: clear them")]
            );
        }
        assert_eq!(outputs("a.ipynb", "nonsense").len(), 1);
    }
}
