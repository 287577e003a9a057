# Makes an Active Directory domain for tools/beds/samba.mjs: samba-domain.py SMB.CONF DOMAIN.JSON. One process, since each
# start of samba-tool costs a second. The provisioning itself is done before, by samba-tool.

import json
import sys

import ldb
from samba.auth import system_session
from samba.dckeytab import *  # gives Net its export_keytab
from samba.dsdb import DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID
from samba.net import Net
from samba.param import LoadParm
from samba.samdb import SamDB

conf, domain = sys.argv[1], json.load(open(sys.argv[2]))
lp = LoadParm()
lp.load(conf)
db = SamDB(url=lp.private_path("sam.ldb"), session_info=system_session(), lp=lp)
base = str(db.domain_dn())
AFTERWARDS = {"pwdLastSet", "lockoutTime", "supplementalCredentials"}


def octets(value):
    """{"hex": ...} is octets; all else is text."""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return str(value)


def add(dn, kind, attributes, password=None):
    message = {"dn": dn, "objectClass": kind}
    for name in attributes.keys() - AFTERWARDS:
        value = attributes[name]
        message[name] = [octets(one) for one in value] if isinstance(value, list) else octets(value)
    if password is not None:
        message["clearTextPassword"] = password.encode("utf-16-le")
    db.add(message)
    # What the server sets itself at first is changed afterwards. Without an attribute: null.
    for name in AFTERWARDS & attributes.keys():
        change = ldb.Message(ldb.Dn(db, dn))
        value = [] if attributes[name] is None else octets(attributes[name])
        change[name] = ldb.MessageElement(value, ldb.FLAG_MOD_REPLACE, name)
        db.modify(change, [f"local_oid:{DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID}:0"])


db.transaction_start()
policy = ldb.Message(ldb.Dn(db, base))
for name, value in domain["policy"].items():
    policy[name] = ldb.MessageElement(str(value), ldb.FLAG_MOD_REPLACE, name)
db.modify(policy)
for user in domain["users"]:
    add(f"CN={user['name']},CN=Users,{base}", "user", user["attributes"], user["password"])
for computer in domain["computers"]:
    add(f"CN={computer['name']},CN=Computers,{base}", "computer", computer["attributes"], computer["password"])
for name, members in domain["groups"]:
    add(f"CN={name},CN=Users,{base}", "group", {"sAMAccountName": name, "member": [f"{one},{base}" for one in members]})
db.transaction_commit()

net = Net(None, lp)
for keytab, principals in domain["keytabs"].items():
    for principal in principals:
        net.export_keytab(keytab=keytab, principal=principal)
