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

# The variables of `style.css`, each with the parts of Gradio's theme that have its colour.
_COLOURS = {
    "var(--paper)": "body_background_fill background_fill_secondary",
    "var(--ink)": (
        "body_text_color checkbox_label_text_color checkbox_label_text_color_selected button_secondary_text_color"
    ),
    "var(--sheet)": "background_fill_primary input_background_fill checkbox_background_color",
    "var(--rule)": "border_color_primary",
    "transparent": (
        "block_background_fill checkbox_label_background_fill checkbox_label_background_fill_selected "
        "button_primary_border_color button_secondary_background_fill"
    ),
    "var(--edge)": "input_border_color checkbox_border_color button_secondary_border_color",
    "var(--accent)": (
        "input_border_color_focus loader_color slider_color checkbox_background_color_selected "
        "checkbox_border_color_selected button_primary_background_fill"
    ),
    "var(--muted)": "input_placeholder_color body_text_color_subdued block_info_text_color",
    "var(--soft)": "block_title_text_color block_label_text_color",
    "var(--accent-strong)": "button_primary_background_fill_hover",
    "var(--on-accent)": "button_primary_text_color",
    "var(--tint)": "button_secondary_background_fill_hover",
}


def theme() -> Any:
    """Returns the theme; everything that is not named here is as in Gradio's base theme."""
    colours = {name: colour for colour, names in _COLOURS.items() for name in names.split()}
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
