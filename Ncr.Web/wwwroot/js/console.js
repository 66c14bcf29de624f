// What the console can't do from the server: the clipboard, the theme's cookie, the sign-out form, the wish to reconnect, the reader's time zone, rows that open, keys, and where the focus goes.
(function () {
  'use strict';

  function copyBySelection(text, near) {
    // navigator.clipboard exists on https and localhost only; registries are often opened by plain http on a local network.
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('readonly', '');
    area.className = 'visually-hidden';
    const parent = near.closest('.mud-dialog') || document.body; // Within a dialog's focus trap.
    parent.appendChild(area);
    area.select();
    let copied = false;
    try {
      copied = document.execCommand('copy');
    } finally {
      area.remove();
      near.focus({ preventScroll: true });
    }

    return copied;
  }

  async function copy(button) {
    const text = button.dataset.copy;
    let copied = false;
    if (navigator.clipboard && window.isSecureContext) {
      copied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    }

    announce(copied || copyBySelection(text, button) ? 'Copied' : 'It could not be copied: select the text and copy it by hand.');
    button.dataset.copied = '';
    window.setTimeout(() => delete button.dataset.copied, 1600);
  }

  function announce(text) {
    const region = document.getElementById('announcement');
    if (region) {
      region.textContent = '';
      window.setTimeout(() => { region.textContent = text; }, 50);
    }
  }

  document.addEventListener('click', event => {
    const copyButton = event.target.closest('[data-copy]');
    if (copyButton) {
      copy(copyButton);
      return;
    }

    if (event.target.closest('.skip-link')) {
      event.preventDefault(); // Blazor would only scroll.
      document.getElementById('content')?.focus();
      return;
    }

    const opener = event.target.closest('[data-row-open]');
    if (opener) {
      openedBy = opener;
    } else if (event.target.closest('[data-pane-close]')) {
      const before = openedBy;
      window.setTimeout(() => before?.isConnected && before.focus({ preventScroll: true }), 50);
    }

    const row = event.target.closest('tr.opens');
    if (row && !event.target.closest('a, button, input, label, select') && window.getSelection().isCollapsed) {
      row.querySelector('[data-row-open]')?.click();
    }

    const reconnect = event.target.closest('[data-reconnect]');
    if (reconnect?.dataset.reconnect === 'reload') {
      location.reload();
    } else if (reconnect) {
      retry();
    }
  });

  async function retry() {
    try {
      if (!await Blazor.reconnect()) {
        location.reload(); // The server is there but no longer knows this page.
      }
    } catch {
      // Still out of reach: the dialog stays.
    }
  }

  // Blazor gives up after some minutes. Who opens the lid of a notebook the next morning should find the page, not a button.
  let retrying = 0;

  function retryUntilItIsBack(wanted) {
    window.clearInterval(retrying);
    retrying = wanted ? window.setInterval(retry, 15000) : 0;
  }

  function retryNow() {
    if (retrying && !document.hidden) {
      retry();
    }
  }

  window.addEventListener('online', retryNow);
  document.addEventListener('visibilitychange', retryNow);

  // What had the focus may go: a row that was deleted, a button that was there while something ran. The focus then goes to what was around
  // it, not to the top of the document.
  let focused = []; // With all around it, from the inside out.
  let beforeDialog = [];

  document.addEventListener('focusin', event => {
    focused = event.composedPath().filter(e => e instanceof Element);
    if (!event.target.closest('.mud-dialog-container')) {
      beforeDialog = focused;
    }
  });

  new MutationObserver(() => {
    if (focused.length > 0 && !focused[0].isConnected) {
      focused = [];
      window.setTimeout(keepFocus, 100); // A dialog that closes gives it back by itself, where it can.
    }
  }).observe(document.body, { childList: true, subtree: true });

  function keepFocus() {
    if (document.activeElement !== document.body) {
      return;
    }

    const dialog = [...document.querySelectorAll('.mud-dialog')].pop();
    const place = dialog ? dialog.querySelector('.mud-dialog-actions button:not(:disabled)') ?? dialog : beforeDialog.find(e => e.isConnected && e.matches('section[aria-label], main'));
    if (place && !place.matches('button, [tabindex]')) {
      place.setAttribute('tabindex', '-1');
    }

    place?.focus({ preventScroll: true });
  }

  let focusBeforeSearch = null;
  let openedBy = null; // What showed the pane, to go back to.

  function openSearch(event) {
    event.preventDefault();
    const button = document.querySelector('[data-search-open]');
    if (button && !document.querySelector('.mud-dialog, dialog[open]')) {
      focusBeforeSearch = document.activeElement === document.body ? null : document.activeElement;
      button.click();
    }
  }

  // Tab goes round in an open dialog. MudBlazor's own trap asks the server for it, which a quick second Tab overtakes.
  function keepInDialog(event) {
    const dialog = [...document.querySelectorAll('.mud-dialog')].pop();
    const active = document.activeElement;
    if (event.key !== 'Tab' || !dialog || active?.closest('.mud-popover')) {
      return;
    }

    const stops = [...dialog.querySelectorAll('a[href], button, input, select, textarea, [tabindex]:not(div)')]
      .filter(stop => stop.tabIndex >= 0 && !stop.disabled && stop.checkVisibility());
    const [first, last] = event.shiftKey ? [stops.at(-1), stops[0]] : [stops[0], stops.at(-1)];
    if (first && (active === last || !dialog.contains(active))) {
      event.preventDefault();
      first.focus();
    }
  }

  document.addEventListener('keydown', event => {
    const target = event.target;
    keepInDialog(event);
    if (target.matches?.('[data-search-input]')) {
      if (event.key === 'ArrowUp' || event.key === 'ArrowDown' || event.key === 'Enter') {
        event.preventDefault(); // The server moves the choice; the caret stays.
      }
    }

    if (event.key === 'Escape' && !event.defaultPrevented && !document.querySelector('.mud-dialog, dialog[open], .mud-popover-open') && !target.matches?.('input[type="search"]')) {
      document.querySelector('[data-pane-close]')?.click();
    }

    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
      openSearch(event);
    } else if (event.key === '/' && !event.ctrlKey && !event.metaKey && !event.altKey && !target.closest?.('input, textarea, select, [contenteditable], .mud-dialog, dialog')) {
      openSearch(event);
    }
  });

  // A time in the reader's zone. The element writes its text itself: the server doesn't know the zone and renders no text to collide with.
  customElements.define('local-time', class extends HTMLElement {
    static observedAttributes = ['datetime', 'precision'];
    connectedCallback() { this.show(); }
    attributeChangedCallback() { this.show(); }

    show() {
      const at = new Date(this.getAttribute('datetime'));
      const precision = this.getAttribute('precision');
      if (Number.isNaN(at.getTime()) || !precision) {
        return;
      }

      const two = number => String(number).padStart(2, '0');
      this.textContent = precision === 'day'
        ? at.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
        : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}${precision === 'second' ? `:${two(at.getSeconds())}` : ''}`;
    }
  });

  document.getElementById('components-reconnect-modal')?.addEventListener('components-reconnect-state-changed', event => {
    const dialog = event.currentTarget;
    retryUntilItIsBack(event.detail.state === 'failed');
    if (event.detail.state === 'show' && !dialog.open) {
      dialog.showModal();
    } else if (event.detail.state === 'hide') {
      dialog.close();
    } else if (event.detail.state === 'rejected') {
      location.reload();
    }
  });

  window.ncr = {
    setTheme(choice) {
      const root = document.documentElement;
      if (choice) {
        root.dataset.theme = choice;
      } else {
        delete root.dataset.theme;
      }

      const secure = location.protocol === 'https:' ? '; secure' : '';
      document.cookie = `ncr-theme=${choice ?? ''}; path=/; samesite=lax; max-age=${choice ? 31536000 : 0}${secure}`;
    },

    // Back to where the person was before Ctrl+K; the dialog itself knows only of the button.
    endSearch() {
      const before = focusBeforeSearch;
      focusBeforeSearch = null;
      (function restore(tries) {
        if (tries > 0 && document.querySelector('.search-dialog')) {
          window.setTimeout(restore, 20, tries - 1); // While it is there, it keeps the focus to itself.
        } else {
          (before?.isConnected ? before : document.querySelector('[data-search-open]'))?.focus();
        }
      })(50);
    },

    // Between UTC and what a field for a time shows, which is the reader's zone.
    localOf(utc) {
      const at = new Date(utc);
      return new Date(at.getTime() - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
    },

    utcOf(local) {
      const at = new Date(local);
      return Number.isNaN(at.getTime()) ? null : at.toISOString();
    },

    reveal(id) {
      document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
    },

    submit(id) {
      document.getElementById(id).submit();
    },
  };
})();
