#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The images of 'make image', and deploy/kubernetes as far as a single host can have it:
# podman plays the DaemonSet, and the collector's pod of the StatefulSet, in a clean
# Debian 13. The node is fresh, its figures are this host's, packets are counted by BPF.
# Time limit: 900 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
[ "$(id -u)" -eq 0 ] || skip_all "only root can make images and run podman"
command -v mmdebstrap >/dev/null || skip_all "mmdebstrap is not installed"
unshare --mount true 2>/dev/null || skip_all "mount namespaces are not allowed here"
. tests/e2e/collector.sh
root=$work/root

check "an image of the shipper" packaging/image.sh shipper
check "one of the collector" packaging/image.sh collector
# What has to be fetched: the packed layer.
check "the shipper's is below 8 MB" test "$(stat -c %s "$B/image/ktach-shipper.tar")" -lt 8000000
check "the collector's is below 20 MB" test "$(stat -c %s "$B/image/ktach-collector.tar")" -lt 20000000
check "kustomize's list names files that are there" python3 - <<'END'
import os, yaml
folder = "deploy/kubernetes/"
listed = set(yaml.safe_load(open(folder + "kustomization.yaml"))["resources"])
assert listed == set(os.listdir(folder)) - {"kustomization.yaml"}, listed
for name in listed:
    for part in yaml.safe_load_all(open(folder + name)):
        assert part["apiVersion"] and part["kind"] and part["metadata"]["name"], name
END

tar=$(packaging/root.sh trixie podman runc catatonit iproute2 2>"$work/root.log") || skip_all "no Debian 13 with podman can be made: $(tail -n 1 "$work/root.log")"
mkdir "$root" && tar -C "$root" -xf "$tar"
cp "$B"/image/ktach-*.tar "$root/"
mkdir -p "$root/etc/containers" "$root/old"
echo '{"default":[{"type":"insecureAcceptAnything"}]}' >"$root/etc/containers/policy.json"
printf '[engine]\ncgroup_manager="cgroupfs"\nevents_logger="file"\nruntime="runc"\n' >"$root/etc/containers/containers.conf"
printf '[storage]\ndriver="vfs"\ngraphroot="/st"\nrunroot="/rr"\n' >"$root/etc/containers/storage.conf"
"$B/ktach-collector" key --out "$work/fleet.key" 2>/dev/null
"$B/ktach-collector" key --ed25519 --out "$work/login.pem" 2>/dev/null
token=$("$B/ktach-collector" token --key "$work/login.pem" --name test)
port=$((10000 + $$ % 10000)) page=$((20000 + $$ % 10000))

# What is another here than in a cluster: images are there, all of it is in the host's network, by ports of
# its own, the volume is a folder, and podman knows no name of the node.
python3 - "$work" "$root" $port $page "$pins" "$(cat VERSION)" <<'END'
import base64, sys, yaml
work, root, port, page, pins, version = sys.argv[1:]
folder = "deploy/kubernetes/"
secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "ktach-keys"},
          "data": {to: base64.b64encode(open(f"{work}/{of}", "rb").read()).decode() for to, of in
                   (("fleet.key", "fleet.key"), ("login.pub", "login.pem.pub"))}}
stateful = next(yaml.safe_load_all(open(folder + "collector.yaml")))
pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "collector"}, "spec": stateful["spec"]["template"]["spec"]}
pod["spec"]["hostNetwork"] = True
c = pod["spec"]["containers"][0]
c["args"] += [f"--listen=127.0.0.1:{port}", f"--http=127.0.0.1:{page}"]
c["ports"] = []
for probe in ("startupProbe", "livenessProbe"):
    del c[probe]
pod["spec"]["volumes"].append({"name": "history", "hostPath": {"path": "/history", "type": "DirectoryOrCreate"}})
daemons = yaml.safe_load(open(folder + "shipper.yaml"))
s = daemons["spec"]["template"]["spec"]
s["containers"][0]["args"] += [f"--collector=127.0.0.1:{port}", f"--pins={pins}"]
assert s["containers"][0]["env"][0]["valueFrom"]["fieldRef"]["fieldPath"] == "spec.nodeName"
s["containers"][0]["env"] = [{"name": "KTACH_NAME", "value": "kube-node"}]
for spec in (pod["spec"], s):
    image = spec["containers"][0]
    image["image"], image["imagePullPolicy"] = f"localhost/{image['image']}:{version}", "Never"
for name, parts in (("secret", [secret]), ("collector", [pod]), ("shipper", [daemons])):
    yaml.safe_dump_all(parts, open(f"{root}/{name}.yaml", "w"))
END

# In the clean Debian, with this host's /proc, /sys and /dev, and its root as its own: what it does until "end"
# is there.
cat >"$root/play" <<END
#!/bin/bash
export PODMAN_IGNORE_CGROUPSV1_WARNING=1
umount -l /old/dev 2>/dev/null
for name in collector shipper; do
	podman load -q -i /ktach-\$name.tar
done
podman kube play /secret.yaml && podman kube play /collector.yaml && podman kube play /shipper.yaml
echo played \$?
until [ -e /end ]; do sleep 0.5; done
for name in collector shipper; do podman ps -a --format '{{.Names}}' | grep \$name; done
for c in \$(podman ps -aq --filter ancestor=localhost/ktach-shipper:$(cat VERSION)); do podman logs \$c; done
podman kube down /shipper.yaml
podman kube down /collector.yaml
podman rm -fa
END
chmod +x "$root/play"
background podman.log unshare --mount bash -c 'mount --make-rprivate / && mount --bind "$1" "$1" && cd "$1" && mount -t proc proc proc &&
	mount --rbind /sys sys && mount --rbind /dev dev && pivot_root . old && exec chroot . bash /play' - "$root"
player=$!
wait_for 300 grep -q '^played' "$work/podman.log"
check "podman plays them" grep -q '^played 0' "$work/podman.log"
http=127.0.0.1:$page
as_visitor() { curl -fs -H "Authorization: Bearer $token" "http://$http/api/v1/$1"; }
node() { as_visitor nodes | jq -re '.nodes[0].name'; }
# jq takes no answer at all for a good one.
has() {
	local body
	body=$(as_visitor "nodes/$(node)") && [ -n "$body" ] && jq -e "$1" <<<"$body" >/dev/null
}
check "the node is there by its name" wait_for 120 told '^kube-node$' node
check "it is fresh" wait_for 120 has '.state == "fresh" and .memory != null and .cpu != null'
check "its CPUs are this host's" has ".cpu.cpus | length == $(nproc --all)"
check "so is its memory" has ".memory.total_bytes == $(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)"
check "packets are counted by BPF" wait_for 60 has '.net.origin == "bpf" and (.net.interfaces | length > 0)'
check "its frames are sealed" holds '.dropped.unsealed == 0 and .dropped.key == 0' as_visitor health
is "$(curl -s -o /dev/null -w '%{http_code}' "http://$http/api/v1/nodes")" 401 "the page asks for a token"
touch "$root/end"
wait $player
is $? 0 "all of it ends"
"$B/ktach-shipper" --pins "$pins" --detach
[ $tap_failed -eq 0 ] || sed 's/^/# /' "$work/podman.log" | tail -n 40
done_testing
