# Fills an Active Directory domain for tools/beds/samba.mjs: samba-domain.py SMB.CONF DOMAIN.JSON. One process, since each
# start of samba-tool costs a second. The provisioning itself is done before, by samba-tool. Every part of DOMAIN.JSON
# may be absent.

import json
import sys
import time

import ldb
from samba import unix2nttime
from samba.auth import system_session
from samba.dcerpc import drsblobs, lsa, security
from samba.dckeytab import *  # gives Net its export_keytab
from samba.dsdb import DSDB_CONTROL_BYPASS_PASSWORD_HASH_OID
from samba.ndr import ndr_pack, ndr_unpack
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


def sid_of(account):
    (found,) = db.search(base, ldb.SCOPE_SUBTREE, f"(sAMAccountName={account})", ["objectSid"])
    return found.dn, str(ndr_unpack(security.dom_sid, found["objectSid"][0]))


def allow_to_act(account, other):
    """The account lets the other one act for users at it."""
    dn, _ = sid_of(account)
    _, sid = sid_of(other)
    allowed = security.descriptor.from_sddl(f"O:BAD:(A;;0xf01ff;;;{sid})", security.dom_sid(db.get_domain_sid()))
    change = ldb.Message(dn)
    name = "msDS-AllowedToActOnBehalfOfOtherIdentity"
    change[name] = ldb.MessageElement(ndr_pack(allowed), ldb.FLAG_MOD_REPLACE, name)
    db.modify(change)


def trust_secret(password):
    """The password of a trust, as both of its attributes have it."""
    characters = list(password.encode("utf-16-le"))
    clear = drsblobs.AuthInfoClear()
    clear.size = len(characters)
    clear.password = characters
    info = drsblobs.AuthenticationInformation()
    info.LastUpdateTime = unix2nttime(int(time.time()))
    info.AuthType = lsa.TRUST_AUTH_TYPE_CLEAR
    info.AuthInfo = clear
    current = drsblobs.AuthenticationInformationArray()
    current.count = 1
    current.array = [info]
    both = drsblobs.trustAuthInOutBlob()
    both.count = 1
    both.current = current
    return ndr_pack(both)


def add_trust(trust):
    """A trust both ways; its keys are of these enctypes alone."""
    secret = trust_secret(trust["password"])
    db.add(
        {
            "dn": f"CN={trust['realm'].lower()},CN=System,{base}",
            "objectClass": "trustedDomain",
            "trustPartner": trust["realm"].lower(),
            "flatName": trust["netbios"],
            "trustDirection": str(lsa.LSA_TRUST_DIRECTION_INBOUND | lsa.LSA_TRUST_DIRECTION_OUTBOUND),
            "trustType": str(lsa.LSA_TRUST_TYPE_UPLEVEL),
            "securityIdentifier": ndr_pack(security.dom_sid(trust["sid"])),
            "trustAttributes": "0",
            "msDS-SupportedEncryptionTypes": str(trust["enctypes"]),
            "trustAuthIncoming": secret,
            "trustAuthOutgoing": secret,
        }
    )


def add_claim(claim, attribute):
    """An attribute of users and computers becomes a claim."""
    schema = db.get_schema_basedn()
    db.add(
        {
            "dn": f"CN={claim},CN=Claim Types,CN=Claims Configuration,CN=Services,{db.get_config_basedn()}",
            "objectClass": "msDS-ClaimType",
            "displayName": claim,
            "Enabled": "TRUE",
            "msDS-ClaimSourceType": "AD",
            "msDS-ClaimAttributeSource": f"CN={attribute},{schema}",
            "msDS-ClaimTypeAppliesToClass": [f"CN=User,{schema}", f"CN=Computer,{schema}"],
            "msDS-ClaimValueType": "3",
            "msDS-ClaimIsSingleValued": "TRUE",
            "msDS-ClaimIsValueSpaceRestricted": "FALSE",
        }
    )


db.transaction_start()
if "policy" in domain:
    policy = ldb.Message(ldb.Dn(db, base))
    for name, value in domain["policy"].items():
        policy[name] = ldb.MessageElement(str(value), ldb.FLAG_MOD_REPLACE, name)
    db.modify(policy)
for user in domain.get("users", []):
    add(f"CN={user['name']},CN=Users,{base}", "user", user["attributes"], user["password"])
for computer in domain.get("computers", []):
    add(f"CN={computer['name']},CN=Computers,{base}", "computer", computer["attributes"], computer["password"])
for name, members in domain.get("groups", []):
    add(f"CN={name},CN=Users,{base}", "group", {"sAMAccountName": name, "member": [f"{one},{base}" for one in members]})
for account, other in domain.get("delegations", []):
    allow_to_act(account, other)
for claim, attribute in domain.get("claims", []):
    add_claim(claim, attribute)
for trust in domain.get("trusts", []):
    add_trust(trust)
db.transaction_commit()

net = Net(None, lp)
for keytab, principals in domain.get("keytabs", {}).items():
    for principal in principals:
        net.export_keytab(keytab=keytab, principal=principal)
