"""Gradio's theme for the page: system fonts, and the palette that `style.css` defines.

Fonts are named as plain strings, because Gradio would load fonts that are given by its classes from other hosts.
"""

from __future__ import annotations

from typing import Any

import gradio as gr

SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Noto Sans", "Arial", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Liberation Mono", "monospace")

# Gradio writes these two into the page before any style sheet is loaded, so they cannot be variables. They are the
# values of --paper and --ink in `style.css`, light and dark.
_PAPER, _INK = ("#faf7f1", "#161412"), ("#1f1b16", "#ece6da")


def theme() -> Any:
    """Returns the theme; everything that is not named here is as in Gradio's base theme."""
    colours = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "background_fill_primary": "var(--sheet)",
        "background_fill_secondary": "var(--paper)",
        "border_color_primary": "var(--rule)",
        "block_background_fill": "transparent",
        "input_background_fill": "var(--sheet)",
        "input_border_color": "var(--edge)",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--muted)",
        "body_text_color_subdued": "var(--muted)",
        "block_info_text_color": "var(--muted)",
        "block_title_text_color": "var(--soft)",
        "block_label_text_color": "var(--soft)",
        "loader_color": "var(--accent)",
        "slider_color": "var(--accent)",
        "checkbox_background_color": "var(--sheet)",
        "checkbox_background_color_selected": "var(--accent)",
        "checkbox_border_color": "var(--edge)",
        "checkbox_border_color_selected": "var(--accent)",
        "checkbox_label_background_fill": "transparent",
        "checkbox_label_background_fill_selected": "transparent",
        "checkbox_label_text_color": "var(--ink)",
        "checkbox_label_text_color_selected": "var(--ink)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent-strong)",
        "button_primary_text_color": "var(--on-accent)",
        "button_primary_border_color": "transparent",
        "button_secondary_background_fill": "transparent",
        "button_secondary_background_fill_hover": "var(--tint)",
        "button_secondary_text_color": "var(--ink)",
        "button_secondary_border_color": "var(--edge)",
    }
    dark = {f"{name}_dark": value for name, value in colours.items()}
    fixed = {
        "color_accent": "var(--accent)",
        "body_background_fill": _PAPER[0],
        "body_background_fill_dark": _PAPER[1],
        "body_text_color": _INK[0],
        "body_text_color_dark": _INK[1],
    }
    base = gr.themes.Base(font=list(SANS), font_mono=list(MONO), radius_size="sm", text_size="md")
    return base.set(**(colours | dark | fixed))
