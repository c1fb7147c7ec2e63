"""The look of the page: cards as high as the window allows, the buttons always in sight, on a phone too.

A constant of ours; nothing of anybody's data is in it.
"""

from __future__ import annotations

import streamlit as st

_NARROW = "@media (max-width: 640px)"

_STYLE = """
.stMainBlockContainer:has(.st-key-review_bar) { padding-bottom: 0; }
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_prompt_"]),
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_beside_"]) {
  flex: none !important; height: clamp(7rem, 19vh, 14rem) !important;
}
[data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_card_"]) {
  flex: none !important; height: clamp(12rem, calc(100vh - 36rem), 44rem) !important;
}
[class*="st-key-review_prompt_"], [class*="st-key-review_beside_"], [class*="st-key-review_card_"] {
  height: 100% !important;
}
[data-testid="stLayoutWrapper"]:has(> .st-key-review_bar) { position: sticky; bottom: 0; z-index: 20; }
.st-key-review_bar { padding: 0.6rem 0 0.8rem; background: BACKGROUND; border-top: 1px solid BORDER; }
.st-key-review_choices button { min-height: 2.75rem; }
.st-key-review_scale button > div { justify-content: flex-start; text-align: start; }
.st-key-review_sitting [data-testid="stText"], .st-key-review_past [data-testid="stText"] {
  overflow-wrap: anywhere;
}
.st-key-review_guide { display: none; }
NARROW {
  .stMainBlockContainer:has(.st-key-review_bar) { padding-top: 3.5rem; }
  .stMainBlockContainer:has(.st-key-review_bar) h1 { font-size: 1.3rem; padding: 0; }
  .st-key-review_guide { display: block; }
  .st-key-review_guidelines { display: none; }
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_prompt_"]),
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_beside_"]) {
    height: auto !important; max-height: 22vh;
  }
  [data-testid="stColumn"]:has(.st-key-review_only_guidelines) { display: none; }
  [class*="st-key-review_prompt_"], [class*="st-key-review_beside_"] { height: auto !important; max-height: 22vh; }
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-review_card_"]) { height: 32vh !important; }
  .st-key-review_answers [data-testid="stHorizontalBlock"] {
    flex-wrap: nowrap; overflow-x: auto; scroll-snap-type: x mandatory;
  }
  .st-key-review_answers [data-testid="stColumn"] { min-width: 88% !important; scroll-snap-align: center; }
  .st-key-review_answers [data-testid="stColumn"]:only-child { min-width: 100% !important; }
  .st-key-review_answers [data-testid="stHorizontalBlock"]:has(.st-key-review_rating) { flex-wrap: wrap; }
  .st-key-review_answers [data-testid="stHorizontalBlock"]:has(.st-key-review_rating) [data-testid="stColumn"] {
    min-width: 100% !important;
  }
  .st-key-review_bar [aria-label^="Shortcut"] { display: none; }
  .st-key-review_choices > * { flex: 1 1 45% !important; }
}
"""


def style(*, dark: bool) -> None:
    """Put it on the page; takes no room."""
    theme = "theme.dark" if dark else "theme.light"
    background = st.get_option(f"{theme}.backgroundColor") or "Canvas"
    border = st.get_option(f"{theme}.borderColor") or "GrayText"
    filled = _STYLE.replace("NARROW", _NARROW).replace("BACKGROUND", str(background)).replace("BORDER", str(border))
    st.html(f"<style>{filled}</style>")
