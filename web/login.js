// SPDX-License-Identifier: GPL-2.0-or-later
// What the page shows is in the address's fragment, which a redirect takes along.

const form = document.querySelector("form");
form.action += location.hash;
