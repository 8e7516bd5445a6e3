# SPDX-License-Identifier: GPL-2.0-only
# bash completion for vasmon-client. Verbs and options are those that its --help tells, so that they are always right.

# Process ids that begin so, and those of programs whose names do, with the names beside them.
_vasmon_client_pid() { # CURRENT
	local current=$1 status pid name
	local -a lines
	COMPREPLY=()
	for status in /proc/[0-9]*/status; do
		# It may have gone meanwhile; a kernel thread has no address space.
		lines=()
		{ mapfile -t lines <"$status"; } 2>/dev/null
		[[ "${lines[*]}" = *VmSize:* ]] || continue
		pid=${status//[!0-9]/}
		name=${lines[0]#*$'\t'}
		if [[ $pid = "$current"* || ($current && $name = "$current"*) ]]; then
			COMPREPLY+=("$pid ($name)")
		fi
	done
	# A single one is written out.
	[ ${#COMPREPLY[@]} != 1 ] || COMPREPLY=("${COMPREPLY[0]%% *}")
}

_vasmon_client_words() { # CURRENT WORD...
	local current=$1
	shift
	mapfile -t COMPREPLY < <(compgen -W "$*" -- "$current")
}

_vasmon_client() {
	local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local verb=${COMP_WORDS[1]-} help i
	COMPREPLY=()

	if [ "$COMP_CWORD" = 1 ]; then
		_vasmon_client_words "$current" "$("$program" --help 2>/dev/null |
			sed -n '/^verbs:$/,/^$/s/^  \([a-z]*\) .*/\1/p') --help --version"
		return
	fi
	help=$("$program" "$verb" --help 2>/dev/null) || return

	# What comes behind a command's name is for that command.
	for ((i = 2; i < COMP_CWORD; i++)); do
		[ "${COMP_WORDS[i]}" != -- ] || break
	done
	if [ "$i" -lt "$COMP_CWORD" ] || [[ $verb = run && $current != -* && $previous != -* ]]; then
		if declare -F _command_offset >/dev/null; then
			_command_offset $((i < COMP_CWORD ? i + 1 : 2))
		else
			mapfile -t COMPREPLY < <(compgen -c -- "$current")
		fi
		return
	fi

	case $previous in
	-o | --output | -i | --input)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--color)
		_vasmon_client_words "$current" auto always never
		return
		;;
	-p | --pid | --tid)
		_vasmon_client_pid "$current"
		return
		;;
	esac
	# For the value of any other option there is nothing to offer.
	if [[ $previous = -?* ]] && grep -q -E -e "^ .*$previous(, --[a-z-]+)?=" <<<"$help"; then
		return
	fi

	if [[ $current = -* ]]; then
		_vasmon_client_words "$current" "$(sed -n '/^options:$/,/^$/p' <<<"$help" |
			grep -o -e '--[a-z][a-z-]*' -e '-[a-z],' | tr -d ,)"
		return
	fi
	case $verb in
	watch | maps | record | stat | mark) _vasmon_client_pid "$current" ;;
	replay)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		;;
	diff)
		compopt -o filenames
		_vasmon_client_pid "$current"
		mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen -f -- "$current")
		;;
	help)
		_vasmon_client_words "$current" "$("$program" --help | sed -n '/^verbs:$/,/^$/s/^  \([a-z]*\) .*/\1/p')"
		;;
	esac
}
complete -F _vasmon_client vasmon-client
