#!/bin/sh
# Checks this bundle with sha256sum and openssl (3 or newer) and nothing else:  sh verify.sh
# Ends with 0 where everything is as the box stored and signed it, with 1 and the reason otherwise.
# Sprawdza paczkę; kończy się kodem 0, gdy nic nie zmieniono, a kodem 1 i podaniem powodu, gdy tak.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")" || exit 1
tab=$(mktemp -d) || exit 1
trap 'rm -rf "$tab"' EXIT

bad() {
	echo "CHANGED / ZMIENIONE: $*"
	exit 1
}
for tool in sha256sum openssl sed find sort cmp; do
	command -v $tool >/dev/null 2>&1 || bad "this computer has no program '$tool'; nothing was checked"
done

# The bytes of a text in hexadecimal.
bytes() {
	# shellcheck disable=SC2046,SC2059
	printf "$(printf '\\%03o' $(echo "$1" | sed 's/../0x& /g'))"
}
hash_of() { sha256sum <"$1" | cut -d' ' -f1; }
# RFC 6962, section 2.1: a node is SHA-256 of 0x01 and both children, a leaf of 0x00 and the entry.
node() { bytes "01$1$2" | sha256sum | cut -d' ' -f1; }
leaf() { { printf '\000'; cat "$1"; } | sha256sum | cut -d' ' -f1; }
signed() { # FILE SIGNATURE
	openssl pkeyutl -verify -pubin -inkey box.pem -rawin -in "$1" -sigfile "$2" >/dev/null 2>&1 ||
		bad "the signature of $1 is not of this box's key: the file or the key was replaced"
}
field() { sed -n "s/^$2 //p" "$1"; }
fact() { sed -n "s/.*\"$2\":\"\{0,1\}\([0-9a-zA-Z.:_-]*\).*/\1/p" "$1"; }

# 1. Only plain files, all of them listed, none changed.
[ -z "$(find . ! -type f ! -type d)" ] || bad "a link or a device lies among the files"
for name in SHA256SUMS SHA256SUMS.sig PAGE.sha256 PAGE.sha256.sig box.pem log/head.txt log/head.sig; do
	[ -f $name ] || bad "$name is missing"
done
grep -Eqv '^[0-9a-f]{64}  [A-Za-z0-9][A-Za-z0-9._/-]*$' SHA256SUMS && bad "the list SHA256SUMS was changed"
grep -q '\.\.' SHA256SUMS && bad "the list SHA256SUMS names a file outside the bundle"
[ "$(cut -c65- PAGE.sha256)" = "  verify.html" ] || bad "the list PAGE.sha256 was changed"
{
	cut -c67- SHA256SUMS
	printf '%s\n' SHA256SUMS SHA256SUMS.sig PAGE.sha256 PAGE.sha256.sig verify.html
} | sort >"$tab/listed"
find . -type f | sed 's|^\./||' | sort >"$tab/there"
cmp -s "$tab/listed" "$tab/there" ||
	bad "a file is missing or was added: $(sort "$tab/listed" "$tab/there" | uniq -u | tr '\n' ' ')"
for list in SHA256SUMS PAGE.sha256; do
	sha256sum -c --strict --quiet $list >"$tab/sums" 2>&1 || bad "$(head -n 1 "$tab/sums")"
	signed $list $list.sig
done
echo "ok  $(wc -l <"$tab/there") files are as the signed list says"

# 2. The log's summary is of this key, and every entry stands in it.
box=$(openssl pkey -pubin -in box.pem -outform DER | sha256sum | cut -c1-32)
head_of() { # FOLDER
	[ "$(head -n 1 "$1/head.txt")" = "tipring log head 1" ] || bad "$1/head.txt cannot be read"
	[ "$(field "$1/head.txt" box)" = "$box" ] || bad "$1 is of the log of another box"
	signed "$1/head.txt" "$1/head.sig"
}
head_of log
size=$(field log/head.txt size)
root=$(field log/head.txt root)
number_of() { echo "$1" | sed 's/^0*\([0-9]\)/\1/'; }

# RFC 9162, section 2.1.3.2
included() { # ENTRY PROOF
	at=$(field "$2" entry) last=$((size - 1)) found=$(leaf "$1")
	[ "$(field "$2" size)" = "$size" ] || bad "$2 is the proof of something else"
	[ "$at" = "$(fact "$1" seq)" ] || bad "$2 is the proof of another entry"
	for step in $(sed 1,3d "$2"); do
		[ $last -ne 0 ] || bad "$2 is too long"
		if [ $((at & 1)) -eq 1 ] || [ "$at" -eq $last ]; then
			found=$(node "$step" "$found")
			while [ $((at & 1)) -eq 0 ] && [ "$at" -ne 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
		else
			found=$(node "$found" "$step")
		fi
		at=$((at >> 1)) last=$((last >> 1))
	done
	[ $last -eq 0 ] && [ "$found" = "$root" ] || bad "$1 does not stand in the signed log"
}
count=0
for entry in log/entry-*.json; do
	[ -f "${entry%.json}.proof" ] || bad "${entry%.json}.proof is missing"
	[ "$(number_of "$(echo "$entry" | tr -cd 0-9)")" = "$(fact "$entry" seq)" ] || bad "$entry has a wrong number"
	[ "$(fact "$entry" box)" = "$box" ] || bad "$entry is from the log of another box"
	included "$entry" "${entry%.json}.proof"
	count=$((count + 1))
done
echo "ok  $count entries stand in the signed log of $size entries"

# 3. Every recording and record is the one that was entered, and nothing that happened to it is left
#    out: the last entry of a call is its export, which lists all the others.
calls= stamped=
for folder in stamps/*; do
	[ -d "$folder" ] || continue
	for file in token.tsr chain.pem; do [ -f "$folder/$file" ] || bad "$folder/$file is missing"; done
	digest=$(cat "$folder/token.tsr" "$folder/chain.pem" "$folder"/crl.pem* 2>/dev/null | sha256sum | cut -d' ' -f1)
	stamped="${stamped:+$stamped,}\"${folder#stamps/}\":\"$digest\""
done
for folder in calls/*; do
	[ -f "$folder/record.json" ] || bad "$folder/record.json is missing"
	record=$(hash_of "$folder/record.json") known=
	for entry in $(grep -l "\"record_sha256\":\"$record\"" log/entry-*.json); do known=$entry; done
	[ -n "$known" ] || bad "$folder/record.json is not in the log"
	audio=
	[ -f "$folder/recording.flac" ] && audio=$(hash_of "$folder/recording.flac")
	[ "$(fact "$known" flac_sha256)" = "$audio" ] || bad "$folder/recording.flac is not the one in the log"
	further=0
	for file in "$folder"/recording-*.flac; do
		[ -f "$file" ] || continue
		further=$((further + 1)) place=${file##*-}
		[ "$(fact "$known" "flac_sha256_${place%.flac}")" = "$(hash_of "$file")" ] || bad "$file is not the one in the log"
	done
	[ "$(grep -o '"flac_sha256_[0-9]*"' "$known" | wc -l)" = $further ] || bad "a recording is missing in $folder"
	call=$(fact "$known" call) own= before= last=
	case " $calls " in *" $call "*) bad "the call in $folder is in the bundle twice" ;; esac
	calls="$calls $call"
	grep -q "\"id\": *\"$call\"" "$folder/record.json" || bad "$folder/record.json is of another call"
	for entry in $(grep -l "\"call\":\"$call\"" log/entry-*.json); do
		before=$own own=${own:+$own,}$(fact "$entry" seq) last=$entry
	done
	[ "$(fact "$last" kind)" = exported ] &&
		[ "$(sed -n 's/.*"entries":\[\([0-9,]*\)\].*/\1/p' "$last")" = "$before" ] ||
		bad "the list of what happened to the call in $folder is not complete"
	[ "$(sed -n 's/.*"stamps":{\([^}]*\)}.*/\1/p' "$last")" = "$stamped" ] ||
		bad "the time-stamps are not those that the box handed out with the call in $folder"
	for name in marks later transcript; do
		held=
		[ -f "$folder/$name.json" ] && held=$(hash_of "$folder/$name.json")
		[ "$(fact "$last" ${name}_sha256)" = "$held" ] || bad "$folder/$name.json is not the one that was handed out"
	done
	echo "ok  $folder: entry $(fact "$known" seq), entered $(fact "$known" at)"
done
for entry in log/entry-*.json; do
	case " $calls " in *" $(fact "$entry" call) "*) ;; *) bad "$entry is of a call that is not in the bundle" ;; esac
done

# 4. The time-stamps: over an earlier state of this very log, by an authority whose certificate was
#    good at that time and is on no list of revoked ones.
# RFC 9162, section 2.1.4.2
grown() { # FOLDER
	proof=$1/growth.proof
	old=$(field "$1/head.txt" size) old_root=$(field "$1/head.txt" root)
	[ "$(field "$proof" old)" = "$old" ] && [ "$(field "$proof" size)" = "$size" ] || bad "$proof is of something else"
	at=$((old - 1)) last=$((size - 1)) first=
	[ "$old" -ge 1 ] && [ "$old" -le "$size" ] || bad "$1 is larger than the log"
	if [ "$old" -eq "$size" ]; then
		[ "$old_root" = "$root" ] || bad "$1 is of another log"
		return
	fi
	while [ $((at & 1)) -eq 1 ]; do at=$((at >> 1)) last=$((last >> 1)); done
	[ $((old & (old - 1))) -eq 0 ] && first=$old_root && second=$old_root
	for step in $(sed 1,3d "$proof"); do
		if [ -z "$first" ]; then
			first=$step second=$step
			continue
		fi
		[ $last -ne 0 ] || bad "$proof is too long"
		if [ $((at & 1)) -eq 1 ] || [ $at -eq $last ]; then
			first=$(node "$step" "$first") second=$(node "$step" "$second")
			while [ $((at & 1)) -eq 0 ] && [ $at -ne 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
		else
			second=$(node "$second" "$step")
		fi
		at=$((at >> 1)) last=$((last >> 1))
	done
	[ $last -eq 0 ] && [ "$first" = "$old_root" ] && [ "$second" = "$root" ] ||
		bad "the log of the time-stamp in $1 is not the beginning of this log"
}
# "Mar  4 05:06:07 2026 GMT" in seconds since 1970 (days from civil, by H. Hinnant's rule).
seconds() {
	# shellcheck disable=SC2086
	set -- $1
	months="Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec" month=1
	for one in $months; do [ "$one" = "$1" ] && break; month=$((month + 1)); done
	day=$(number_of "$2") year=$4
	clock=$(echo "${3%%.*}" | tr ':' ' ')
	# shellcheck disable=SC2086
	set -- $clock
	hour=$(number_of "$1") minute=$(number_of "$2") second=$(number_of "$3")
	[ $month -gt 2 ] || year=$((year - 1))
	century=$((year / 400)) within=$((year % 400))
	of_year=$(((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1))
	days=$((century * 146097 + within * 365 + within / 4 - within / 100 + of_year - 719468))
	echo $((days * 86400 + hour * 3600 + minute * 60 + second))
}
stamps=0
for folder in stamps/*; do
	[ -d "$folder" ] || continue
	head_of "$folder"
	[ "$(number_of "${folder#stamps/}")" = "$(field "$folder/head.txt" size)" ] || bad "$folder has a wrong number"
	grown "$folder"
	openssl ts -reply -in "$folder/token.tsr" -text >"$tab/text" 2>/dev/null || bad "$folder/token.tsr cannot be read"
	when=$(sed -n 's/^Time stamp: //p' "$tab/text")
	openssl ts -verify -data "$folder/head.txt" -in "$folder/token.tsr" -CAfile "$folder/chain.pem" \
		-attime "$(seconds "$when")" >"$tab/verified" 2>&1 ||
		bad "the time-stamp in $folder does not hold: $(grep -o 'expired\|not yet valid\|imprint mismatch\|signature failure\|certificate verify error.*' "$tab/verified" | head -n 1)"
	if [ -f "$folder/crl.pem" ]; then
		openssl crl -in "$folder/crl.pem" -noout -text 2>/dev/null | sed -n 's/.*Serial Number: *//p' >"$tab/revoked"
		openssl crl -in "$folder/crl.pem" -noout -CAfile "$folder/chain.pem" 2>&1 | grep -q 'verify OK' ||
			bad "the list of revoked certificates in $folder was not signed by its issuer"
		serial=$(openssl x509 -in "$folder/chain.pem" -noout -serial | sed 's/serial=//')
		grep -qix "$serial" "$tab/revoked" && bad "the certificate of the time-stamp in $folder was revoked"
	fi
	echo "ok  $folder: this state of the log existed no later than $when"
	echo "    by $(openssl x509 -in "$folder/chain.pem" -noout -subject | sed 's/^subject= *//')," \
		"root $(openssl crl2pkcs7 -nocrl -certfile "$folder/chain.pem" | openssl pkcs7 -print_certs -noout | sed -n 's/^subject= *//p' | tail -n 1)"
	stamps=$((stamps + 1))
done
[ $stamps -gt 0 ] || echo "note: no time-stamp from outside the box / brak znacznika czasu spoza urządzenia"

echo "UNCHANGED / NIEZMIENIONE"
echo "Key of the box / odcisk klucza urządzenia: $box"
echo "Compare it with the owner's printed sheet / porównaj z wydrukiem właściciela."
