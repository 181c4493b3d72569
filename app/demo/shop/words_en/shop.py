"""What customers of the demo shop wrote in English about the shop and its goods."""

from __future__ import annotations

COMMENTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("shopping", "bad"): (
        "The app loses my basket whenever I switch to the bank and back.",
        "Paid twice because the page said 'failed' when it had not.",
        "I searched for a white desk and got forty black ones.",
        "The voucher is 'not valid for these articles'. It does not say for which it is.",
        "Delivery cost appears on the very last page. That is not fair.",
        "My address has a unit number and your form refuses it.",
        "The measurements in the app are wrong. I checked with a ruler.",
    ),
    ("shopping", "mid"): (
        "Good choice, but the filters forget what I set.",
        "It works. I would like to pay by transfer as well.",
        "Fine on the computer, fiddly on a small phone.",
        "The confirmation mail is long, and the date is at the very bottom.",
        "Nice pictures, few facts. How heavy is it?",
    ),
    ("shopping", "good"): (
        "Found it, paid for it, done, all on the bus.",
        "The room view helped me not to buy the wrong size.",
        "I like that you say 'only two left' only when it is true.",
        "Clear, quick, no nonsense at the till.",
        "Reordering the same filter takes me ten seconds now.",
        "The date that I was promised stood right beside the price.",
    ),
    ("product", "bad"): (
        "One week in use and the handle is loose. The screw has nothing to hold on to.",
        "The colour has little to do with the picture. Mine is closer to mustard.",
        "It smells of glue even with the window open for days.",
        "Two holes are drilled in the wrong place, so the door does not close.",
        "The manual is for another model.",
    ),
    ("product", "mid"): (
        "Good for the price. The legs wobble on our old floor.",
        "Nice, though smaller than I had imagined.",
        "Does what it should. Putting it together took an evening and some words.",
        "The fabric collects every hair of the cat.",
    ),
    ("product", "good"): (
        "Solid, simple, good to look at. We eat at it every day.",
        "After a week I already do not want to miss it.",
        "Put together in twenty minutes, every screw was there, and one spare.",
        "My mother asked where it is from. That never happens.",
        "Warm light, no flicker, and it remembers where I left it.",
        "Feels like twice the price.",
    ),
}
