"""The page, made with Gradio: its tabs, events and components."""
