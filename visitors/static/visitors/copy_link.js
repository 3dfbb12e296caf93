// Copies an application's link with one click; without a clipboard it is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(new URL(button.dataset.copy, location.href).href);
    button.dataset.label ??= button.textContent;
    button.textContent = "\u2713";
    setTimeout(() => { button.textContent = button.dataset.label; }, 1500);
  } catch {
    window.getSelection().selectAllChildren(button.previousElementSibling);
  }
});
