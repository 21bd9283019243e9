"""The chat page: shows what `rag` found and answered, and decides nothing itself.

    Step -> Turn -> Markup -> gr.Blocks -> browser

Start it with `ui.server.serve.serve`. Importing this package is cheap; `ui.page.build` imports Gradio.
"""
