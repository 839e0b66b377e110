/**
 * The tests of the suite that each broken adapter must fail, and no others. Whoever renames a test of
 * the suite renames it here too.
 */
export const EXPECTED_FAILURES: Readonly<Record<string, readonly string[]>> = {
  "lets anybody save": [
    "ownership, views on one node: a second create is a save for the owner and is refused for any other view",
    "ownership, views on one node: a forgotten stash can be created again under the same id",
    "ownership, views on one node: a late save by the old owner changes nothing",
    "ownership, views on one node: a late create by the old owner changes nothing",
    "ownership, views on one node: a former owner that loads the stash again owns it again",
    "ownership, views on one node: an owner that differs in length, case or one character is another owner",
  ],
  "lets anybody keep alive": [
    "ownership, views on one node: a late keep-alive by the old owner changes nothing",
    "ownership, views on one node: an owner that differs in length, case or one character is another owner",
    "races, views on one node: when two views load a stash at the same time, exactly one of them owns it afterwards",
    "races, views on one node: when an earlier and a later view load a stash at the same time, the later view owns it afterwards",
    "keep-alive of many stashes: a keep-alive of owned, foreign and absent stashes returns the outcomes in the order of the requests",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "lets anybody forget": [
    "ownership, views on one node: the view that loads a stash owns it, and its calls succeed from then on",
    "ownership, views on one node: a late forget by the old owner changes nothing",
  ],
  "leaves a loaded stash to its old owner": [
    "records: stashes with unusual ids, or ids that differ only in case, are kept apart",
    "ownership, views on one node: a second create is a save for the owner and is refused for any other view",
    "ownership, views on one node: a forgotten stash can be created again under the same id",
    "ownership, views on one node: the view that loads a stash owns it, and its calls succeed from then on",
    "ownership, views on one node: a late save by the old owner changes nothing",
    "ownership, views on one node: a late create by the old owner changes nothing",
    "ownership, views on one node: a late keep-alive by the old owner changes nothing",
    "ownership, views on one node: a late forget by the old owner changes nothing",
    "ownership, views on one node: a late load by an earlier view is answered with superseded and changes nothing",
    "ownership, views on one node: an owner that differs in length, case or one character is another owner",
    "races, views on one node: when two views load a stash at the same time, exactly one of them owns it afterwards",
    "races, views on one node: when an earlier and a later view load a stash at the same time, the later view owns it afterwards",
    "races, views on one node: a save and a load at the same time take effect one after the other",
    "races, views on one node: a keep-alive at the same time as another view's load does not change the deadline of the load",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
  ],
  "lets an earlier view take over": [
    "ownership, views on one node: a late load by an earlier view is answered with superseded and changes nothing",
    "races, views on one node: when an earlier and a later view load a stash at the same time, the later view owns it afterwards",
  ],
  "ignores the case of owners": [
    "ownership, views on one node: an owner that differs in length, case or one character is another owner",
  ],
  "checks the owner first and writes later": [
    "races, views on one node: when two views create a stash at the same time, exactly one of them succeeds",
    "races, views on one node: a save and a load at the same time take effect one after the other",
    "deadlines: a save brings the deadline forward, even into the past",
  ],
  "forgets in two steps": [
    "races, views on one node: a forget and a load at the same time take effect one after the other",
  ],
  "reads first and takes ownership later": [
    "races, views on one node: a save and a load at the same time take effect one after the other",
  ],
  "creates an absent stash on a save": [
    "records: a stash that was never created is absent for every call, and no call creates it",
    "records: a forgotten stash is absent for every call, and other stashes stay",
    "ownership, views on one node: a forgotten stash can be created again under the same id",
    "deadlines: an expired stash is absent for every call",
  ],
  "refuses to create again": [
    "ownership, views on one node: a second create is a save for the owner and is refused for any other view",
  ],
  "expires a millisecond late": [
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: an expired stash is absent for every call",
    "deadlines: a stash created with a deadline that has passed, or is now, is absent",
    "deadlines: a save brings the deadline forward, even into the past",
    "deadlines: a load brings the deadline forward, even into the past",
    "deadlines: a keep-alive brings the deadline forward, even into the past",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "expires a millisecond early": [
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
  ],
  "expires a second late": [
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: an expired stash is absent for every call",
    "deadlines: a stash created with a deadline that has passed, or is now, is absent",
    "deadlines: a save brings the deadline forward, even into the past",
    "deadlines: a load brings the deadline forward, even into the past",
    "deadlines: a keep-alive brings the deadline forward, even into the past",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "expires at whole seconds": [
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
  ],
  "keeps deadlines in 32 bits": ["deadlines: a deadline more than 2^31 ms away is kept exactly"],
  "takes Infinity for nothing": [
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
  ],
  "ignores the deadline of a load": [
    "deadlines: a load extends the deadline",
    "deadlines: a load brings the deadline forward, even into the past",
  ],
  "stores the caller's array": [
    "records: changing an array after it was saved or loaded does not change the stored record",
  ],
  "returns its own array": [
    "records: changing an array after it was saved or loaded does not change the stored record",
  ],
  "saves the whole buffer behind a record": [
    "records: a record that is a view of a larger buffer is saved without the rest of the buffer",
  ],
  "ends a record at a zero byte": [
    "records: a record of any bytes is loaded as it was saved, whatever its format",
  ],
  "refuses an empty record": [
    "records: a record of any size, from empty to maxBytes, is loaded as it was saved",
    "records: a later record replaces a smaller or larger one",
  ],
  "mixes two records that are written at once": [
    "races, views on one node: two saves of one owner at the same time leave one of the two records, complete",
  ],
  "insists on the browser's latest adapter data": [
    "records: a stash is found with adapter data that the browser received before the latest save",
  ],
  "truncates a record that is too large": [
    "records: a record larger than maxBytes is refused with full, and the earlier record stays",
  ],
  "throws an error that is not a StashError": [
    "records: a record larger than maxBytes is refused with full, and the earlier record stays",
  ],
  "ignores the case of ids": [
    "records: stashes with unusual ids, or ids that differ only in case, are kept apart",
  ],
  "ignores the deadline of a later save": [
    "deadlines: a save extends the deadline",
    "deadlines: a save brings the deadline forward, even into the past",
  ],
  "ignores the deadline of a keep-alive": [
    "deadlines: a keep-alive extends the deadline",
    "deadlines: a keep-alive brings the deadline forward, even into the past",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "loses the owner on a keep-alive": [
    "ownership, views on one node: the view that creates a stash can keep it alive, save, load and forget it",
    "races, views on one node: when two views load a stash at the same time, exactly one of them owns it afterwards",
    "races, views on one node: a keep-alive at the same time as another view's load does not change the deadline of the load",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
    "keep-alive of many stashes: a keep-alive of owned, foreign and absent stashes returns the outcomes in the order of the requests",
    "keep-alive of many stashes: a keep-alive changes neither the record nor the owner",
  ],
  "fails for an empty batch": [
    "keep-alive of many stashes: a keep-alive of no stashes returns no outcomes",
  ],
  "answers a batch in another order": [
    "keep-alive of many stashes: a keep-alive of owned, foreign and absent stashes returns the outcomes in the order of the requests",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "leaves absent stashes out of the outcomes of a batch": [
    "records: a stash that was never created is absent for every call, and no call creates it",
    "records: a forgotten stash is absent for every call, and other stashes stay",
    "races, views on one node: a forget and a load at the same time take effect one after the other",
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: an expired stash is absent for every call",
    "deadlines: a stash created with a deadline that has passed, or is now, is absent",
    "deadlines: a save brings the deadline forward, even into the past",
    "deadlines: a load brings the deadline forward, even into the past",
    "deadlines: a keep-alive brings the deadline forward, even into the past",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
    "deadlines: a stash with the deadline Infinity does not expire until it gets another deadline",
    "keep-alive of many stashes: a keep-alive of owned, foreign and absent stashes returns the outcomes in the order of the requests",
  ],
  "applies one deadline to a whole batch": [
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
  ],
  "does not close": [
    "closing: every call of a closed adapter rejects with adapter_closed",
    "closing: a second close, at the same time or later, has no effect",
  ],
  "closes only once": [
    "closing: every call of a closed adapter rejects with adapter_closed",
    "closing: a second close, at the same time or later, has no effect",
    "closing: calls in progress settle when the adapter closes",
    "closing: a closed adapter leaves no timer, socket or other handle open",
  ],
  "leaves a timer running": [
    "closing: a closed adapter leaves no timer, socket or other handle open",
  ],
  "declares more capabilities than expected": [
    "capabilities: the adapter has exactly the expected capabilities",
  ],
  "has a name that metrics cannot contain": [
    "capabilities: the adapter's name has only lower-case letters, digits and _",
  ],
  "trust their own list of owners": [
    "ownership, views on two nodes: a forgotten stash can be created again under the same id",
    "ownership, views on two nodes: the view that loads a stash owns it, and its calls succeed from then on",
    "ownership, views on two nodes: a late save by the old owner changes nothing",
    "ownership, views on two nodes: a late forget by the old owner changes nothing",
    "ownership, views on two nodes: a former owner that loads the stash again owns it again",
  ],
  "see the saves of other nodes late": [
    "ownership, views on two nodes: the view that loads a stash owns it, and its calls succeed from then on",
    "ownership, views on two nodes: a late save by the old owner changes nothing",
    "ownership, views on two nodes: a late create by the old owner changes nothing",
    "ownership, views on two nodes: a late keep-alive by the old owner changes nothing",
    "ownership, views on two nodes: a late forget by the old owner changes nothing",
    "ownership, views on two nodes: a former owner that loads the stash again owns it again",
    "ownership, views on two nodes: a late load by an earlier view is answered with superseded and changes nothing",
    "races, views on two nodes: when two views load a stash at the same time, exactly one of them owns it afterwards",
    "races, views on two nodes: when an earlier and a later view load a stash at the same time, the later view owns it afterwards",
    "races, views on two nodes: a save and a load at the same time take effect one after the other",
    "races, views on two nodes: a keep-alive at the same time as another view's load does not change the deadline of the load",
    "restarts and other nodes: a stash is present on another node as soon as it is saved",
    "restarts and other nodes: a stash that another node has forgotten is absent at once",
  ],
  "see the forgets of other nodes late": [
    "records: a record larger than maxBytes is refused with full, and the earlier record stays",
    "records: a forgotten stash is absent for every call, and other stashes stay",
    "deadlines: a stash is present before its deadline and absent at its deadline",
    "deadlines: an expired stash is absent for every call",
    "deadlines: a stash created with a deadline that has passed, or is now, is absent",
    "deadlines: a save brings the deadline forward, even into the past",
    "deadlines: a load brings the deadline forward, even into the past",
    "deadlines: a keep-alive brings the deadline forward, even into the past",
    "deadlines: a deadline more than 2^31 ms away is kept exactly",
    "keep-alive of many stashes: a keep-alive uses the owner and the deadline of each request",
    "restarts and other nodes: a stash that another node has forgotten is absent at once",
  ],
  "lose their stashes when they close": [
    "restarts and other nodes: a stash and its owner are known after a restart",
  ],
  "waits for the service forever": [
    "while the service is cut off: every call rejects within the stated time, and works again after the outage",
    "while the service is cut off: a save in progress takes effect before the next owner's load, or never",
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "passes on the errors of its client": [
    "while the service is cut off: every call rejects within the stated time, and works again after the outage",
    "while the service is cut off: a save in progress takes effect before the next owner's load, or never",
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "rejects with a code that is not an adapter's": [
    "while the service is cut off: every call rejects within the stated time, and works again after the outage",
    "while the service is cut off: a save in progress takes effect before the next owner's load, or never",
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "answers absent while it cannot reach its service": [
    "while the service is cut off: every call rejects within the stated time, and works again after the outage",
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "never reconnects": [
    "while the service is cut off: every call rejects within the stated time, and works again after the outage",
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "cannot close without its service": [
    "while the service is cut off: the adapter closes within the stated time and leaves no handle open",
  ],
  "writes a refused save later": [
    "while the service is cut off: a save in progress takes effect before the next owner's load, or never",
  ],
};
