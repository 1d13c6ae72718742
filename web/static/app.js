// Everything works without this; with it the player plays on from page to page and the line is live.
import { askAgain } from "./again.js";
import { browse } from "./browse.js";
import { followLine } from "./line.js";
import { startPlayer } from "./player.js";

document.documentElement.classList.add("js");
browse();
startPlayer();
followLine();
askAgain();

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-all]")) return;
  for (const box of target.form.elements.id?.length ? target.form.elements.id : [target.form.elements.id]) {
    if (box) box.checked = target.checked;
  }
});
