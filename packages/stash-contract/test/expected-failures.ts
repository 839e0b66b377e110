/**
 * The tests that each broken adapter must fail: all of these, and no other. The names are those of
 * the suite, so a test that is renamed is renamed here too.
 */
export const EXPECTED_FAILURES: Readonly<Record<string, readonly string[]>> = {
  "lets anybody save": [
    "ownership, views on one node: creating again is a save for the owner, and refused to anybody else",
    "ownership, views on one node: a stash that is gone can be created again under its id",
    "ownership, views on one node: a late save by the old owner changes nothing",
    "ownership, views on one node: a late create by the old owner changes nothing",
    "ownership, views on one node: an owner who loads again is the owner again",
    "ownership, views on one node: owners are equal or not: a prefix, another case or a sign is somebody else",
  ],
  "lets anybody keep alive": [
    "ownership, views on one node: a late keep-alive by the old owner changes nothing",
    "ownership, views on one node: owners are equal or not: a prefix, another case or a sign is somebody else",
    "races, views on one node: of two that load at once, exactly one is the owner",
    "races, views on one node: of two that load at once, the later view is the owner",
    "keep-alive of many at once: answers each one in order: one's own, others' and absent ones",
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "lets anybody forget": [
    "ownership, views on one node: who loads a stash owns it: from then on the new owner's calls succeed",
    "ownership, views on one node: a late forget by the old owner changes nothing",
  ],
  "leaves a loaded stash to its old owner": [
    "records: are told apart by ids that look odd, or differ in case only",
    "ownership, views on one node: creating again is a save for the owner, and refused to anybody else",
    "ownership, views on one node: a stash that is gone can be created again under its id",
    "ownership, views on one node: who loads a stash owns it: from then on the new owner's calls succeed",
    "ownership, views on one node: a late save by the old owner changes nothing",
    "ownership, views on one node: a late create by the old owner changes nothing",
    "ownership, views on one node: a late keep-alive by the old owner changes nothing",
    "ownership, views on one node: a late forget by the old owner changes nothing",
    "ownership, views on one node: a load by an earlier view that comes late is superseded, and changes nothing",
    "ownership, views on one node: owners are equal or not: a prefix, another case or a sign is somebody else",
    "races, views on one node: of two that load at once, exactly one is the owner",
    "races, views on one node: of two that load at once, the later view is the owner",
    "races, views on one node: a save and a load at once come one after the other",
    "races, views on one node: a keep-alive and a load at once leave the deadline of the load",
    "deadlines: of Infinity never come, until another one is set",
  ],
  "lets an earlier view take over": [
    "ownership, views on one node: a load by an earlier view that comes late is superseded, and changes nothing",
    "races, views on one node: of two that load at once, the later view is the owner",
  ],
  "compares owners without their case": [
    "ownership, views on one node: owners are equal or not: a prefix, another case or a sign is somebody else",
  ],
  "checks the owner first and writes later": [
    "races, views on one node: of two that create at once, exactly one succeeds",
    "races, views on one node: a save and a load at once come one after the other",
    "deadlines: a save brings the deadline forward, also to the past",
  ],
  "forgets in two steps": [
    "races, views on one node: a forget and a load at once come one after the other",
  ],
  "reads first and takes ownership later": [
    "races, views on one node: a save and a load at once come one after the other",
  ],
  "makes what it is asked to save, whether or not it was there": [
    "records: what was never saved is absent for every call, and none of them makes it",
    "records: are gone once they are forgotten, and only they",
    "ownership, views on one node: a stash that is gone can be created again under its id",
    "deadlines: at its deadline it is absent for every call",
  ],
  "refuses to create again": [
    "ownership, views on one node: creating again is a save for the owner, and refused to anybody else",
  ],
  "expires a millisecond late": [
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: at its deadline it is absent for every call",
    "deadlines: created with a deadline that is past, or exactly now, it is gone",
    "deadlines: a save brings the deadline forward, also to the past",
    "deadlines: a load brings the deadline forward, also to the past",
    "deadlines: a keep-alive brings the deadline forward, also to the past",
    "deadlines: further away than 2^31 ms are kept as they are",
    "deadlines: of Infinity never come, until another one is set",
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "expires a millisecond early": [
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: further away than 2^31 ms are kept as they are",
  ],
  "expires a second late": [
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: at its deadline it is absent for every call",
    "deadlines: created with a deadline that is past, or exactly now, it is gone",
    "deadlines: a save brings the deadline forward, also to the past",
    "deadlines: a load brings the deadline forward, also to the past",
    "deadlines: a keep-alive brings the deadline forward, also to the past",
    "deadlines: further away than 2^31 ms are kept as they are",
    "deadlines: of Infinity never come, until another one is set",
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "expires at whole seconds": [
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: further away than 2^31 ms are kept as they are",
  ],
  "keeps deadlines in 32 bits": ["deadlines: further away than 2^31 ms are kept as they are"],
  "takes Infinity for nothing": ["deadlines: of Infinity never come, until another one is set"],
  "ignores the deadline of a load": [
    "deadlines: a load puts the deadline off",
    "deadlines: a load brings the deadline forward, also to the past",
  ],
  "keeps the caller's array": [
    "records: are copies: what is done to the arrays afterwards changes nothing",
  ],
  "gives away its own array": [
    "records: are copies: what is done to the arrays afterwards changes nothing",
  ],
  "saves all of the buffer": [
    "records: may be a part of a larger buffer, of which nothing else is saved",
  ],
  "takes a zero byte for the end": [
    "records: of any format are kept: bytes mean nothing to the adapter",
  ],
  "has no room for nothing": [
    "records: come back as they were saved, from empty to the largest",
    "records: take the place of smaller and larger ones",
  ],
  "mixes two records that are written at once": [
    "races, views on one node: two saves of one owner at once leave one of both, whole",
  ],
  "insists on the browser's latest string": [
    "records: are found with adapter data that the browser received earlier, too",
  ],
  "cuts off what is too large": [
    "records: above maxBytes are refused with full, and what was there stays",
  ],
  "throws what is not a StashError": [
    "records: above maxBytes are refused with full, and what was there stays",
  ],
  "has ids without case": ["records: are told apart by ids that look odd, or differ in case only"],
  "ignores the deadline of a later save": [
    "deadlines: a save puts the deadline off",
    "deadlines: a save brings the deadline forward, also to the past",
  ],
  "keeps nothing alive": [
    "deadlines: a keep-alive puts the deadline off",
    "deadlines: a keep-alive brings the deadline forward, also to the past",
    "deadlines: of Infinity never come, until another one is set",
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "loses the owner when it keeps alive": [
    "ownership, views on one node: who creates a stash may keep it alive, save it, load it and forget it",
    "races, views on one node: of two that load at once, exactly one is the owner",
    "races, views on one node: a keep-alive and a load at once leave the deadline of the load",
    "deadlines: of Infinity never come, until another one is set",
    "keep-alive of many at once: answers each one in order: one's own, others' and absent ones",
    "keep-alive of many at once: changes neither record nor owner",
  ],
  "fails for an empty batch": ["keep-alive of many at once: of none answers with none"],
  "answers a batch in another order": [
    "keep-alive of many at once: answers each one in order: one's own, others' and absent ones",
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "leaves the absent ones out": [
    "records: what was never saved is absent for every call, and none of them makes it",
    "records: are gone once they are forgotten, and only they",
    "races, views on one node: a forget and a load at once come one after the other",
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: at its deadline it is absent for every call",
    "deadlines: created with a deadline that is past, or exactly now, it is gone",
    "deadlines: a save brings the deadline forward, also to the past",
    "deadlines: a load brings the deadline forward, also to the past",
    "deadlines: a keep-alive brings the deadline forward, also to the past",
    "deadlines: further away than 2^31 ms are kept as they are",
    "deadlines: of Infinity never come, until another one is set",
    "keep-alive of many at once: answers each one in order: one's own, others' and absent ones",
  ],
  "gives a batch one deadline": [
    "keep-alive of many at once: takes each one's own owner and deadline",
  ],
  "does not close": [
    "closing: every call of a closed adapter rejects with adapter_closed",
    "closing: closing again, or twice at once, does nothing",
  ],
  "closes only once": [
    "closing: every call of a closed adapter rejects with adapter_closed",
    "closing: closing again, or twice at once, does nothing",
    "closing: calls under way settle",
    "closing: nothing is left running",
  ],
  "leaves a timer running": ["closing: nothing is left running"],
  "says that it can do more than is expected": [
    "what the adapter says of itself: its capabilities are those that are expected",
  ],
  "has a name that metrics cannot have": [
    "what the adapter says of itself: its name is one that metrics and strings can hold",
  ],
  "believe their own list of owners": [
    "ownership, views on two nodes: a stash that is gone can be created again under its id",
    "ownership, views on two nodes: who loads a stash owns it: from then on the new owner's calls succeed",
    "ownership, views on two nodes: a late save by the old owner changes nothing",
    "ownership, views on two nodes: a late forget by the old owner changes nothing",
    "ownership, views on two nodes: an owner who loads again is the owner again",
  ],
  "see late what others saved": [
    "ownership, views on two nodes: who loads a stash owns it: from then on the new owner's calls succeed",
    "ownership, views on two nodes: a late save by the old owner changes nothing",
    "ownership, views on two nodes: a late create by the old owner changes nothing",
    "ownership, views on two nodes: a late keep-alive by the old owner changes nothing",
    "ownership, views on two nodes: a late forget by the old owner changes nothing",
    "ownership, views on two nodes: an owner who loads again is the owner again",
    "ownership, views on two nodes: a load by an earlier view that comes late is superseded, and changes nothing",
    "races, views on two nodes: of two that load at once, exactly one is the owner",
    "races, views on two nodes: of two that load at once, the later view is the owner",
    "races, views on two nodes: a save and a load at once come one after the other",
    "races, views on two nodes: a keep-alive and a load at once leave the deadline of the load",
    "another process: on another node the stash is there at once",
    "another process: one that was forgotten on another node is gone at once",
  ],
  "see late what others forgot": [
    "records: above maxBytes are refused with full, and what was there stays",
    "records: are gone once they are forgotten, and only they",
    "deadlines: a stash is there until its deadline, and not at it",
    "deadlines: at its deadline it is absent for every call",
    "deadlines: created with a deadline that is past, or exactly now, it is gone",
    "deadlines: a save brings the deadline forward, also to the past",
    "deadlines: a load brings the deadline forward, also to the past",
    "deadlines: a keep-alive brings the deadline forward, also to the past",
    "deadlines: further away than 2^31 ms are kept as they are",
    "keep-alive of many at once: takes each one's own owner and deadline",
    "another process: one that was forgotten on another node is gone at once",
  ],
  "take their stashes with them": [
    "another process: after a restart the stash is there, and its owner is known",
  ],
  "waits for the service without end": [
    "while the service is cut off: every call rejects in time, and works again afterwards",
    "while the service is cut off: what was under way is done before the next owner's load, or not at all",
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "passes errors of its client on": [
    "while the service is cut off: every call rejects in time, and works again afterwards",
    "while the service is cut off: what was under way is done before the next owner's load, or not at all",
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "rejects with a code that is not an adapter's": [
    "while the service is cut off: every call rejects in time, and works again afterwards",
    "while the service is cut off: what was under way is done before the next owner's load, or not at all",
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "takes what it cannot reach for absent": [
    "while the service is cut off: every call rejects in time, and works again afterwards",
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "gives up for good": [
    "while the service is cut off: every call rejects in time, and works again afterwards",
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "cannot close without its service": [
    "while the service is cut off: it closes in time, and leaves nothing running",
  ],
  "writes afterwards what was refused": [
    "while the service is cut off: what was under way is done before the next owner's load, or not at all",
  ],
};
