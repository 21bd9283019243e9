"""The chat page: shows what `rag` found and said, and never decides anything.

    Step -> Turn -> Markup -> gr.Blocks -> browser

Start it with `ui.serve.serve`. Importing this package is cheap; Gradio is loaded by `ui.page`.
"""
