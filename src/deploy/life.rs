//! Whether whoever holds a lock still lives. A process that was killed cannot give its lock back, and to
//! deploy again must be enough then; but a lock is broken unasked only if its holder is surely dead.
#![allow(clippy::disallowed_methods, reason = "it asks the system about processes")]

/// This process, so that nothing else anywhere is taken for it: the boot of the machine, the space of
/// process numbers (each container has its own), the number, and when it began. None where the system does
/// not tell, which all but Linux do not.
pub fn own() -> Option<String> {
    of(std::process::id())
}

fn of(process: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let space = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let began = began(&std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?)?;
    Some(format!("{} {} {process} {began}", boot.trim(), space.display()))
}

/// When a process began, in ticks since the boot: the 22nd field of its `stat`, in which only the second
/// may hold spaces, and stands in parentheses.
fn began(stat: &str) -> Option<u64> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// True if this process has surely ended: it was on this machine, where its number is free or another's.
pub(super) fn is_over(life: &str) -> bool {
    let Some(own) = own() else { return false };
    let place = |life: &str| life.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let number = life.split(' ').nth(2).and_then(|it| it.parse().ok());
    match number {
        Some(number) if place(life) == place(&own) => of(number).as_deref() != Some(life),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dead_are_told_from_the_living() {
        assert_eq!(
            began("7 (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20"),
            Some(4242)
        );
        // Other systems do not tell, and then nobody is dead.
        let Some(own) = own() else { return };
        assert!(!is_over(&own));
        assert!(!is_over("") && !is_over("another-boot pid:[1] 1 1"));
        let (place, _) = own.rsplit_once(' ').unwrap_or_default();
        assert!(is_over(&format!("{place} 1")), "its number is another's by now");
    }
}
